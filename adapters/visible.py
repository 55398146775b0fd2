"""Characters that PDF and Word files cannot hold, made visible instead of dropped.

A control character becomes its control picture (␀ … ␡); what has no picture becomes ⟨U+0085⟩, and so does what turns
the letters of other words around. The text, Markdown and JSON files keep the original.
"""

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: "␡"}
_OVERRIDES = (0x202D, 0x202E)
_NAMED = {code: f"⟨U+{code:04X}⟩" for code in (*range(0x80, 0xA0), *_OVERRIDES, 0xFFFE, 0xFFFF, *range(0xFDD0, 0xFDF0))}
_HIGH = {
    0x10000 * plane + last: f"⟨U+{0x10000 * plane + last:X}⟩" for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)
}
_TABLE = _PICTURES | _NAMED | _HIGH


def visible(text: str) -> str:
    """The text with line ends as `\\n`; every character that XML or PDF forbids, or that misleads, as a sign."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_TABLE)
