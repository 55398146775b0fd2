"""The structure of `rich_text`: sections, lists, quotes and preformatted text, and the inline elements inside them."""

from demo.schema import anything, array, boolean, fields, integer, one_of, string, typed

KIND = {"type": anything}
STYLE = fields(
    {}, {name: boolean for name in ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight")}
)
STYLED = {"style": STYLE}

INLINE = {
    "text": fields({**KIND, "text": string(least=1)}, STYLED),
    "link": fields(
        {**KIND, "url": string(3000, 1, r"[a-zA-Z][\w+.-]*:.+")}, {**STYLED, "text": string(), "unsafe": boolean}
    ),
    "user": fields({**KIND, "user_id": string(least=1)}, STYLED),
    "usergroup": fields({**KIND, "usergroup_id": string(least=1)}, STYLED),
    "channel": fields({**KIND, "channel_id": string(least=1)}, STYLED),
    "emoji": fields({**KIND, "name": string(least=1)}, {"unicode": string(), "skin_tone": integer(1, 6), **STYLED}),
    "broadcast": fields({**KIND, "range": one_of("here", "channel", "everyone")}, STYLED),
    "color": fields({**KIND, "value": string(least=1)}, STYLED),
    "date": fields(
        {**KIND, "timestamp": integer(0), "format": string(least=1)}, {"url": string(), "fallback": string(), **STYLED}
    ),
}

SECTION = fields({**KIND, "elements": array(typed(INLINE))})
BORDER = {"border": integer(0, 1)}

PARTS = {
    "rich_text_section": SECTION,
    "rich_text_list": fields(
        {
            **KIND,
            "style": one_of("bullet", "ordered"),
            "elements": array(typed({"rich_text_section": SECTION}), 1),
        },
        {"indent": integer(0, 8), "offset": integer(0), **BORDER},
    ),
    "rich_text_quote": fields({**KIND, "elements": array(typed(INLINE))}, BORDER),
    "rich_text_preformatted": fields(
        {**KIND, "elements": array(typed({"text": INLINE["text"], "link": INLINE["link"]}))},
        BORDER,
    ),
}

RICH_TEXT = fields({**KIND, "elements": array(typed(PARTS), 1)}, {"block_id": string(255)})
