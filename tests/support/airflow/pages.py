"""Airflow's pages in a browser, used as a person uses them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, Response, expect, sync_playwright

from include.settings import PROJECT_ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
PICTURES = PROJECT_ROOT / "artifacts"
PATIENCE = 120_000
"""Milliseconds; far above what anything takes, for a busy machine."""


@dataclass
class AirflowPages:
    """A browser that is logged in."""

    page: Page
    url: str

    def picture(self, name: str) -> Path:
        """Keep a picture of the page as it is now; returns where."""
        return picture(self.page, name)

    def see_run(self, dag_id: str, run_id: str) -> None:
        """Find a run in the list of its DAG's runs, as one that has succeeded."""
        self.page.goto(f"{self.url}/dags/{dag_id}/runs")
        row = self.page.locator("tr", has=self.page.locator(f'a[href$="/runs/{run_id}"]')).first
        expect(row).to_contain_text("Success")
        self.rest()

    def open_form(self, dag_id: str) -> Locator:
        """The form by which a DAG's run is started, open; a DAG that is paused is to stay so."""
        self.page.goto(f"{self.url}/dags/{dag_id}")
        self.page.get_by_role("button", name="Trigger").first.click()
        form = self.page.get_by_role("dialog")
        expect(form.locator("[name^=element_]").first).to_be_visible()
        unpause = form.locator("label:has(input[type=checkbox])").filter(has_text="Unpause")
        if unpause.count():
            unpause.click()
        return form

    def field(self, form: Locator, name: str) -> Locator:
        """The field of a Param."""
        return form.locator(f"[name=element_{name}]")

    def fill(self, form: Locator, name: str, value: str) -> str:
        """Type into a field and leave it; returns what is in it then."""
        field = self.field(form, name)
        field.fill(value)
        field.press("Tab")
        return field.input_value()

    def send(self, form: Locator) -> Response:
        """Send a form, by a key, as a notice may lie over the button; returns Airflow's answer."""
        with self.page.expect_response(lambda answer: is_trigger(answer.request.method, answer.url)) as sent:
            form.get_by_role("button", name="Trigger").last.press("Enter")
        return sent.value

    def start(self, form: Locator) -> str:
        """Send a form that has to be accepted; returns the id of the run that it starts."""
        answer = self.send(form)
        assert answer.ok, f"{answer.status}: {answer.text()}"
        run_id = str(answer.json()["dag_run_id"])
        self.rest()
        return run_id

    def rest(self) -> None:
        """Leave Airflow's pages, which ask its server for news all the time, while nothing is to be seen."""
        self.page.goto("about:blank")

    def approve(self, dag_id: str, run_id: str, task_id: str, why: str) -> None:
        """Answer a task's question with yes."""
        self.page.goto(f"{self.url}/dags/{dag_id}/runs/{run_id}/tasks/{task_id}/required_actions")
        self.page.locator("[name=element_why]").fill(why)
        with self.page.expect_response(lambda answer: answer.request.method == "PATCH") as sent:
            self.page.get_by_role("button", name="Approve").click()
        assert sent.value.ok, sent.value.text()
        self.rest()


def is_trigger(method: str, url: str) -> bool:
    return method == "POST" and url.split("?")[0].endswith("/dagRuns")


def picture(page: Page, name: str) -> Path:
    """Keep a picture in the folder ``artifacts``, which git ignores; returns its path."""
    path = PICTURES / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)}.png"
    page.screenshot(path=path, full_page=True)
    return path


@contextmanager
def logged_in(url: str, user: str, password: str) -> Iterator[AirflowPages]:
    """A browser in which a person has logged in; where that fails, a picture of the page is kept."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        try:
            page.goto(url)
            page.fill("input[name=username]", user)
            page.fill("input[name=password]", password)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda address: "login" not in address)
        except PlaywrightError:
            picture(page, "login")
            raise
        try:
            yield AirflowPages(page, url)
        finally:
            browser.close()
