"""Both pages behind a login by OpenID Connect, in a browser: nothing is shown before it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from include.infra.processes.service import running
from include.local_stack.programs import programs
from include.settings import Settings
from tests.support.oidc_provider import Provider, provider
from tests.support.tagger_page import CHROMIUM, FLAGS, MARKS, PATIENCE

pytestmark = MARKS
PAGES = {"tagger": "/tag", "dashboard": "/live"}
ANN = {"sub": "1", "email": "ann@example.org", "email_verified": True, "groups": ["editors", "staff"]}
STRANGER = {"sub": "3", "email": "ann@example.org", "email_verified": False, "groups": ["staff"]}


@pytest.fixture(scope="module")
def people() -> Iterator[Provider]:
    with provider() as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)


@pytest.mark.parametrize("page", PAGES)
def test_only_those_of_the_group_get_in_under_their_own_name(
    version: psycopg.Connection, people: Provider, browser: Browser, page: str
) -> None:
    groups = {"TWEETSIEVE_OIDC_PAGE_GROUPS": "editors, chiefs"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (people.settings() | groups).items():
            patch.setenv(name, value)
        with_login = Settings(_env_file=None)
        (service,) = [one for one in programs(with_login) if one.name == page]
        with running(service, with_login.logs_dir):
            url = f"http://localhost:{getattr(with_login, f'{page}_port')}"
            refused = _log_in(browser, people, url, STRANGER)
            expect(refused.get_by_text("in none of the groups")).to_be_visible()
            expect(refused.get_by_test_id("stTopNavLink")).to_have_count(0)
            inside = _log_in(browser, people, url, ANN)
            expect(inside.get_by_test_id("stTopNavLink").first).to_be_visible()
            if page == "tagger":
                expect(inside.get_by_text("ann@example.org").first).to_be_visible()
    assert people.returned_to[-1] == f"{url}/oauth2callback"


def _log_in(browser: Browser, people: Provider, url: str, person: dict[str, object]) -> Page:
    """A window of this person's, after the button; nothing of the page is there before."""
    people.person = person
    window = browser.new_context().new_page()
    window.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    window.goto(url)
    button = window.get_by_role("button", name="Log in")
    expect(button).to_be_visible()
    expect(window.get_by_label("Your name")).to_have_count(0)
    expect(window.get_by_test_id("stTopNavLink")).to_have_count(0)
    button.click()
    expect(button).to_have_count(0)
    return window
