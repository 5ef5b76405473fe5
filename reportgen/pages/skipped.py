"""Why files among the pictures given were left out, in words; knows no file."""

from reportgen.pages.words import N_, Words

REASONS = (
    N_("a folder beside pictures"),
    N_("lies beside the class folders"),
    N_("its folder is called like no class"),
    N_("not a file"),
    N_("not a PNG, JPEG, WebP, TIFF, GIF or BMP picture"),
    N_("larger than 25 megapixels"),
    N_("more than 16 bits a pixel"),
    N_("floating-point pixels beyond 0 … 1 and 0 … 255, so that nobody knows what white is"),
)
"""All that `pictures` says of a file that it leaves out, but for what is broken; a test follows its sources."""


def skipped_in_words(entry: str, words: Words) -> str:
    """Return a file's name with the reason why it was left out; what is unheard of stays as it is."""
    for reason in REASONS:
        if entry.endswith(f": {reason}"):
            return f"{entry.removesuffix(reason)}{words.gettext(reason)}"
    name, mark, why = entry.partition(": broken: ")
    return f"{name}: " + words.gettext("broken: {why}").format(why=why) if mark else entry
