"""What a person sees, hovers over or hears on a page: its text, without what programs read."""

from html.parser import HTMLParser

HIDDEN = {"script", "style", "template", "code", "pre", "textarea"}
SPOKEN = {"title", "placeholder", "aria-label", "alt", "data-label"}
VOID = {"input", "img", "br", "hr", "meta", "link", "source", "path", "wbr"}
# Unfold's icons are words of a font.
ICONS = "material-symbols"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.found += [text for name, text in values.items() if name in SPOKEN]
        if values.get("type") in {"submit", "button", "reset"}:
            self.found.append(values.get("value", ""))
        is_hidden = tag in HIDDEN or ICONS in values.get("class", "")
        if tag not in VOID and (self._hidden or is_hidden):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def spoken(html: str) -> list[str]:
    """This will list the texts of a page, each on one line."""
    reader = _Reader()
    reader.feed(html)
    return [text for text in (" ".join(part.split()) for part in reader.found) if text]
