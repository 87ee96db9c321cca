"""Texts that real streams hold beside sentences; a server must answer them as the stored model does."""

from __future__ import annotations

EDGE_CASE_TEXTS = (
    "",
    " ",
    "🤖🧠👩‍💻",
    "תוכנה ובינה מלאכותית #AI",
    "الذكاء الاصطناعي",
    "人工知能と機械学習",
    "RT @user: #MachineLearning https://t.co/abc",
    "data " * 2_000,
    "\u0000\ufffd\u202e",
)
