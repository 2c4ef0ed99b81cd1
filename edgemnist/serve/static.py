"""The page's files, held in memory from the start: nothing is opened because a client asks."""

from dataclasses import dataclass
from importlib import resources

from fastapi import APIRouter
from starlette.responses import Response

from edgemnist.serve.problems import ProblemError

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
INDEX = "index.html"


@dataclass(frozen=True)
class PageFile:
    """A file of the page."""

    content: bytes
    content_type: str


def page_files() -> dict[str, PageFile]:
    """The files in serve/page/ by their names."""
    folder = resources.files("edgemnist") / "serve" / "page"
    return {
        entry.name: PageFile(entry.read_bytes(), CONTENT_TYPES["." + entry.name.rpartition(".")[2]])
        for entry in folder.iterdir()
        if entry.is_file() and "." + entry.name.rpartition(".")[2] in CONTENT_TYPES
    }


def page_routes() -> APIRouter:
    """The routes to the page and its files."""
    files = page_files()
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/page/{name}", methods=["GET", "HEAD"])
    async def file(name: str) -> Response:
        if name not in files:
            raise ProblemError(404, f"the page has no file {name}")
        found = files[name]
        return Response(found.content, headers={"Cache-Control": "no-cache"}, media_type=found.content_type)

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def index() -> Response:
        return await file(INDEX)

    return routes
