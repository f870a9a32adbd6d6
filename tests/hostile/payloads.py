"""Sixty texts that run as a script, or become a tag, where somebody forgets to escape them."""

from __future__ import annotations

_ACTIONS = ("alert(1)", "document.title='owned'", "fetch('/owned')")
_SHAPES = (
    "<script>{}</script>",
    "</script><script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "<img src=x onerror={}>",
    '"><img src=x onerror={}>',
    "'><img src=x onerror={}>",
    "<svg/onload={}>",
    "<svg><script>{}</script></svg>",
    "<iframe srcdoc='<script>{}</script>'>",
    "<details open ontoggle={}>",
    "<body onload={}>",
    '" autofocus onfocus={} x="',
    "' onmouseover={} '",
    "<a href=javascript:{}>x</a>",
    "javascript:{}",
    "--><script>{}</script>",
    "<math><mtext></mtext><script>{}</script></math>",
    '{{{{constructor.constructor("{}")()}}}}',
    '<!--<img src="--><img src=x onerror={}>">',
)
PAYLOADS = tuple(shape.format(action) for shape in _SHAPES for action in _ACTIONS)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0")
