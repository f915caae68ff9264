"""Cells of a CSV as spreadsheets take them: no text is a formula, no RUC is a number. And back again."""

# in half and full width: spreadsheets take either for the beginning of a formula
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DIGITS_OF_A_NUMBER = 11  # a spreadsheet shows longer ones as 9.92E+11


def inert(text: str) -> str:
    """Text that stays text: an apostrophe before what looks like a formula, a tab before digits that are no number.

    The tab is not seen and, unlike ``="0992…"``, no formula.
    """
    if text.startswith(_FORMULA_STARTS):
        return f"'{text}"
    is_number = text.isascii() and text.isdigit()
    return f"\t{text}" if is_number and (text[0] == "0" or len(text) > _DIGITS_OF_A_NUMBER) else text


def meant(cell: str) -> str:
    """What ``inert`` was given, blanks at its ends aside."""
    text = cell.strip()
    return text[1:].strip() if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text
