"""``/docs``: the API on one page, made here from the OpenAPI description, without any script."""

from __future__ import annotations

import html
import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter()

_METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """Every operation with its parameters, body and answers."""
    return HTMLResponse(page(request.app.openapi()))


def page(schema: dict[str, Any]) -> str:
    """An OpenAPI description as HTML; everything in it is escaped."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width'>",
        f"<title>{_said(schema['info']['title'])} API</title></head><body>",
        f"<h1>{_said(schema['info']['title'])} {_said(schema['info']['version'])}</h1>",
        f"<p>{_said(schema['info'].get('summary', ''))}</p>",
        "<p>For programs: <a href='/openapi.json'>/openapi.json</a>.</p>",
    ]
    for path, operations in schema["paths"].items():
        for method in _METHODS:
            if method in operations:
                parts.append(_operation(method, path, operations[method]))
    parts.append("<h2>Types</h2>")
    for name, type in sorted(schema.get("components", {}).get("schemas", {}).items()):
        shown = json.dumps(type, ensure_ascii=False, indent=1)
        parts.append(
            f"<details id='{_said(name)}'><summary>{_said(name)}</summary>"
            f"<pre>{_said(shown)}</pre></details>"
        )
    return "\n".join([*parts, "</body></html>"])


def _operation(method: str, path: str, one: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{_said(p['name'])}</code></td><td>{_said(p['in'])}"
        f"{', required' if p.get('required') else ''}</td>"
        f"<td>{_type(p.get('schema', {}))}</td><td>{_said(p.get('description', ''))}</td></tr>"
        for p in one.get("parameters", [])
    )
    body = "".join(
        f"<p>Body, {_said(kind)}: {_type(content.get('schema', {}))}</p>"
        for kind, content in one.get("requestBody", {}).get("content", {}).items()
    )
    answers = "".join(
        f"<li>{_said(status)}: {_said(answer.get('description', ''))} "
        + ", ".join(_type(c.get("schema", {})) for c in answer.get("content", {}).values())
        + "</li>"
        for status, answer in one.get("responses", {}).items()
    )
    return (
        f"<h2><code>{method.upper()} {_said(path)}</code></h2>"
        f"<p>{_said(one.get('summary', ''))}</p><p>{_said(one.get('description', ''))}</p>"
        + (f"<table>{rows}</table>" if rows else "")
        + f"{body}<ul>{answers}</ul>"
    )


def _type(schema: dict[str, Any]) -> str:
    """A type's name, as a link to it where the page has it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"<a href='#{_said(name)}'>{_said(name)}</a>"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if choices := schema.get("anyOf"):
        return " or ".join(map(_type, choices))
    if "enum" in schema:
        return _said(" | ".join(map(str, schema["enum"])))
    return _said(str(schema.get("type", "anything")))


def _said(text: object) -> str:
    return html.escape(str(text), quote=True)
