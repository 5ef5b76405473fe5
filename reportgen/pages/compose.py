"""All pages of a report in one language, in the order in which they are read."""

from collections.abc import Mapping
from dataclasses import replace

from reportgen.pages.context import Context
from reportgen.pages.depth import DepthPage, depth_page
from reportgen.pages.glossary import USED, glossary_page, terms
from reportgen.pages.layers import LayerPage, LayersPage, UnitsPage, layer_pages, layers_page
from reportgen.pages.parts import Term
from reportgen.pages.pictures import PicturePage, PicturesPage, picture_pages, pictures_page
from reportgen.pages.reference import (
    AboutPage,
    GlossaryPage,
    LostPage,
    ModelPage,
    about_page,
    lost_page,
    model_page,
)
from reportgen.pages.story import StoryPage, story_page
from reportgen.pages.training import TrainingPage, training_page

Page = (
    StoryPage
    | LayersPage
    | LayerPage
    | UnitsPage
    | PicturesPage
    | PicturePage
    | DepthPage
    | TrainingPage
    | ModelPage
    | GlossaryPage
    | AboutPage
    | LostPage
)


def compose(context: Context, data: tuple[str, ...]) -> tuple[Page, ...]:
    """Return every page; `data` are the paths of the data files, which `about.html` lists."""
    pages: tuple[Page, ...] = (
        story_page(context),
        layers_page(context),
        *layer_pages(context),
        pictures_page(context),
        *picture_pages(context),
        depth_page(context),
        training_page(context),
        model_page(context),
        glossary_page(context),
        about_page(context, data),
        lost_page(context),
    )
    known = terms(context)
    return tuple(_with_terms(page, known) for page in pages)


def _with_terms(page: Page, known: Mapping[str, Term]) -> Page:
    used = tuple(known[address] for address in USED.get(page.template, ()))
    return replace(page, head=replace(page.head, terms=used))
