import pytest

from reportgen.links import check_budgets, check_links

PAGE = b'<!doctype html><html><body id="top"><p id="unit-1">text</p></body></html>'


def faults_of(body: str, **arguments: str) -> tuple[str, ...]:
    """Return the faults of a page `layers/one.html` with this body, in a small site that is otherwise right."""
    files = {
        "index.html": PAGE,
        "layers/one.html": body.encode(),
        "layers/two.html": PAGE,
        "assets/style.css": b"body { color: black }",
        "figures/a.png": b"png",
        "figures/b.png": b"png",
        "figures/c.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><path id="dot"/></svg>',
    }
    return check_links(files, **arguments)


@pytest.mark.parametrize(
    "body",
    [
        '<a href="two.html">',
        '<a href="../index.html#unit-1">',
        '<a href="two.html?picture=boot#top">',
        '<p id="here"><a href="#here">',
        '<p id="층"><a href="#%EC%B8%B5">',
        '<a href="?scale=map">',
        '<a href="https://arxiv.org/abs/1610.01644">',
        '<a href="mailto:someone@example.org">',
        '<link rel="stylesheet" href="../assets/style.css">',
        '<img src="../figures/a.png" srcset="../figures/a.png 1x, ../figures/b.png 2x">',
        '<img src="data:image/png;base64,AAAA">',
        '<svg><image xlink:href="../figures/a.png"/><use href="../figures/c.svg#dot"/></svg>',
        '<svg><g id="cut"/><path clip-path="url(#cut)"/></svg>',
        "<div style=\"background: url('../figures/a.png')\">",
        '<style>p { background: url("data:image/svg+xml,%3Csvg fill=(red)%3E") }</style>',
        '<img alt="url(https://example.org) src=x" src="../figures/a.png">',
        "<script>const address = '<img src=nowhere.png>'</script>",
        '<p>&lt;a href="nowhere.html"&gt;</p>',
    ],
)
def test_a_link_that_leads_somewhere_is_no_fault(body: str) -> None:
    """What a reader can follow or see from a disk is right."""
    assert faults_of(body) == ()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="three.html">', "<a> links to 'three.html', which is not a file of the site."),
        ('<a href="Two.html">', "<a> links to 'Two.html', which is not a file of the site."),
        ('<a href="../layers/">', "<a> links to '../layers/', which is not a file of the site."),
        ('<a href="two.html/">', "<a> links to 'two.html/', which is not a file of the site."),
        ('<a href="../../index.html">', "<a> links to '../../index.html', which is not a file of the site."),
        ('<a href="two.html#unit-2">', "<a> links to 'two.html#unit-2', but layers/two.html has no such id."),
        ('<a href="#nowhere">', "<a> links to '#nowhere', but layers/one.html has no such id."),
        ('<a href="#">', "<a> links to '#', which leads nowhere."),
        ('<a href="">', "<a> links to '', which leads nowhere."),
        ('<a href="/index.html">', "<a> links to '/index.html', which begins with a slash."),
        ('<a href="//example.org/x">', "<a> links to '//example.org/x', which leads outside the site."),
        ('<a href="javascript:alert(1)">', "<a> links to 'javascript:alert(1)', which leads outside the site."),
        ('<a href="java&#10;script:x">', "<a> links to 'java\nscript:x', which leads outside the site."),
        ('<a href="data:image/png,x">', "<a> links to 'data:image/png,x', which leads outside the site."),
        ('<a href="http://[">', "<a> links to 'http://[', which is no address."),
        ('<img src="../figures/z.png">', "<img> links to '../figures/z.png', which is not a file of the site."),
        ('<img src="https://a.org/b.png">', "<img> links to 'https://a.org/b.png', which leads outside the site."),
        (
            '<img srcset="../figures/a.png 1x, ../figures/z.png 2x">',
            "<img> links to '../figures/z.png', which is not a file of the site.",
        ),
        (
            '<script src="https://a.org/x.js">',
            "<script> links to 'https://a.org/x.js', which leads outside the site.",
        ),
        ('<script src="data:image/x,y">', "<script> links to 'data:image/x,y', which leads outside the site."),
        (
            '<link href="https://a.org/x.css">',
            "<link> links to 'https://a.org/x.css', which leads outside the site.",
        ),
        ('<form action="https://a.org">', "<form> links to 'https://a.org', which leads outside the site."),
        ('<object data="x.pdf">', "<object> links to 'x.pdf', which is not a file of the site."),
        ('<base href="../">', "<base> links to '../', but no page may move its own base."),
        (
            '<svg><image xlink:href="z.png"/></svg>',
            "<image> links to 'z.png', which is not a file of the site.",
        ),
        ('<svg><path fill="url(#no)"/></svg>', "<style> links to '#no', but layers/one.html has no such id."),
        ('<p style="background:url(z.png)">', "<style> links to 'z.png', which is not a file of the site."),
        ('<style>@import "z.css";</style>', "<style> links to 'z.css', which is not a file of the site."),
        (
            '<meta http-equiv="refresh" content="0; url=three.html">',
            "<meta> links to 'three.html', which is not a file of the site.",
        ),
        ('<p id="a"><b id="a">', "has the id 'a' more than once."),
    ],
)
def test_a_link_that_leads_nowhere_is_a_fault(body: str, fault: str) -> None:
    """A reader would run into it, so it is said, with the page on which it stands."""
    assert faults_of(body) == (f"layers/one.html: {fault}",)


@pytest.mark.parametrize(
    ("sheet", "faults"),
    [
        (b"p { background: url(../figures/a.png) }", 0),
        (b"/* url(https://example.org/x.png) */", 0),
        (b"p { background: url(figures/a.png) }", 1),
        (b"p { background: URL( 'https://example.org/x.png' ) }", 1),
        (b"@import 'https://example.org/x.css';", 1),
        (b"@import url(https://example.org/x.css);", 1),
        (b"\xff", 1),
    ],
)
def test_a_style_sheet_is_read_too(sheet: bytes, faults: int) -> None:
    """Addresses in a style sheet are seen from the place of the sheet."""
    files = {"assets/style.css": sheet, "figures/a.png": b"png"}
    assert len(check_links(files)) == faults


def test_a_vector_picture_is_read_too() -> None:
    """A picture that refers to a part that it does not have is shown without it."""
    drawing = b'<svg><path id="dot"/><use xlink:href="#dot"/><use xlink:href="#dash"/></svg>'
    assert check_links({"a.svg": drawing}) == ("a.svg: <use> links to '#dash', but a.svg has no such id.",)


def lost_page(address: str, base_path: str) -> tuple[str, ...]:
    page = f'<a href="{address}">'.encode()
    return check_links({"ko/404.html": page, "ko/index.html": PAGE}, base_path=base_path)


@pytest.mark.parametrize("base_path", ["/fashion/", "fashion", "/fashion"])
def test_the_lost_page_may_link_from_the_base_path(base_path: str) -> None:
    """A page that is shown at any depth can only link from the top."""
    assert lost_page("/fashion/ko/index.html", base_path) == ()


@pytest.mark.parametrize(
    ("address", "base_path"),
    [("/ko/index.html", "/fashion/"), ("/fashion/nowhere.html", "/fashion/"), ("/ko/index.html", "")],
)
def test_the_lost_page_may_not_link_anywhere_else(address: str, base_path: str) -> None:
    """A link from the top that is outside the base path, or leads nowhere, is a fault there too."""
    assert len(lost_page(address, base_path)) == 1


def test_other_pages_may_not_link_from_the_base_path() -> None:
    """Opened from a disk, a link from the top leads to the top of the disk."""
    assert len(faults_of('<a href="/fashion/index.html">', base_path="/fashion/")) == 1


SITE_URL = "https://example.org/a"


@pytest.mark.parametrize(
    "told",
    [
        '<link rel="canonical" href="{}">',
        '<link rel="alternate" hreflang="ko" href="{}">',
        '<meta property="og:url" content="{}">',
        '<meta property="og:image" content="{}">',
    ],
)
def test_what_a_page_tells_of_itself_has_to_be_in_the_site(told: str) -> None:
    """A whole address below the site's own is one of the site, any other leads outside."""

    def faults(address: str, base_url: str = SITE_URL) -> int:
        return len(check_links({"b/c.html": told.format(address).encode()}, base_url=base_url))

    assert faults(f"{SITE_URL}/b/c.html") == 0
    assert faults(f"{SITE_URL}/c.html") == 1
    assert faults(f"{SITE_URL}/") == 1
    assert faults("https://example.org/b/c.html") == 1
    assert faults(f"{SITE_URL}/b/c.html", base_url="") == 1


def test_pictures_and_links_are_never_whole_addresses() -> None:
    """They have to work before the site stands where it will."""
    page = f'<img src="{SITE_URL}/a.html"><script src="{SITE_URL}/a.html"></script>'
    assert len(check_links({"a.html": page.encode()}, base_url=SITE_URL)) == 2


def test_a_page_larger_than_the_largest_is_a_fault() -> None:
    """The limit itself is allowed, one byte more is not, and pictures have no such limit."""
    files = {"a.html": b"x" * 100, "b.html": b"x" * 101, "c.png": b"x" * 1000}
    assert check_budgets(files, largest_page=100) == (
        "b.html: has 101 bytes, more than the 100 that a page may have.",
    )
