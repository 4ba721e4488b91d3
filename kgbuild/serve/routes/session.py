"""What the caller may do."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from kgbuild.serve.depends import TheService
from kgbuild.serve.problems import documented

router = APIRouter(prefix="/v1", tags=["session"], responses=documented(401))


class Session(BaseModel):
    """The caller's role, and whether the service asks for a token at all."""

    role: Literal["reader", "editor"]
    tokens: bool


@router.get("/session")
def session(service: TheService, request: Request) -> Session:
    """Who the service takes the caller for."""
    role = request.scope["kgbuild.role"]
    return Session(role=role, tokens=bool(service.settings.tokens))
