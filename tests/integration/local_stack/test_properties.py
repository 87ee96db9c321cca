"""Property files, read by Java itself."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from include.local_stack.properties import as_properties

VALUES = (
    "/home/jürgen/a b/kafka", "  spaces first and last ", "a\\b\\u00fc\\nc", "it's \"so\"", "# = : !", "𝕏 🤖",
    "tab\tline\nfeed\r\f", "", "\u0000\u0085\u2028", "100% ${HOME}",
)  # fmt: skip

JAVA = """
import java.io.*; import java.nio.charset.StandardCharsets; import java.util.*;
public class Read { public static void main(String[] a) throws Exception {
  Properties read = new Properties();
  try (InputStream file = new FileInputStream(a[0])) { read.load(file); }
  for (String key : read.stringPropertyNames()) for (String text : List.of(key, read.getProperty(key)))
    System.out.println(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
} }
"""


@pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK: a Java without a compiler runs no source")
def test_java_reads_what_was_written(tmp_path: Path) -> None:
    written = {f"key {number}=:#!ü": value for number, value in enumerate(VALUES)}
    (tmp_path / "Read.java").write_text(JAVA)
    (tmp_path / "a.properties").write_text(as_properties(written), encoding="ascii")
    command = ["java", str(tmp_path / "Read.java"), str(tmp_path / "a.properties")]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    texts = [base64.b64decode(line).decode() for line in lines]
    assert dict(zip(texts[::2], texts[1::2], strict=True)) == written
