"""The explorer: its built files, its page at each of its addresses, or how to build it."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

WEB = Path(__file__).parent / "web" / "dist"
"""The explorer as it was built."""

PAGES = (
    "/",
    "/search",
    "/entities",
    "/entity",
    "/dossier",
    "/compare",
    "/news",
    "/documents",
    "/document",
    "/graph",
    "/review",
    "/judgements",
)
"""Its addresses; what each shows is decided in the browser."""

_FOREVER = "public, max-age=31536000, immutable"

_UNBUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>kgbuild</title>
<h1>kgbuild</h1>
<p>The service runs; its explorer isn't built.</p>
<p>In a checkout: <code>make explorer</code>, then start <code>kgbuild serve</code> again.</p>
<p>The API needs no building: <a href="/openapi.json">/openapi.json</a> describes it.</p>
<hr>
<p lang="ru">Служба работает, но её веб-интерфейс не собран. В папке проекта:
<code>make explorer</code>, затем снова <code>kgbuild serve</code>.</p>
</html>
"""


class _Assets(StaticFiles):
    """Files whose names change with their content: a browser may keep them. Beside each lies a
    packed copy, for those who take one."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope,
        status_code: int = 200,
    ) -> Response:  # fmt: skip
        """The file, to be kept."""
        packed = f"{os.fspath(full_path)}.gz"
        if "gzip" in Headers(scope=scope).get("accept-encoding", "") and os.path.isfile(packed):
            kind = mimetypes.guess_type(os.fspath(full_path))[0]
            headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            response: Response = FileResponse(packed, headers=headers, media_type=kind)
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = _FOREVER
        return response


def install(app: FastAPI, folder: Path = WEB) -> None:
    """Serve the explorer from its folder, or at ``/`` a page that says how to build it."""
    built = (folder / "index.html").is_file()

    async def page(request: Request) -> Response:
        if not built:
            return HTMLResponse(_UNBUILT)
        return FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})

    for path in PAGES if built else ("/",):
        # No route of the API: what stands behind the ? is read in the browser.
        app.add_route(path, page, methods=["GET"], include_in_schema=False)
    if built:
        app.mount("/assets", _Assets(directory=folder / "assets"), name="assets")
        app.mount("/", StaticFiles(directory=folder), name="explorer")
