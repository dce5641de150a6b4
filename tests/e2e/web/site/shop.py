"""Back-end functions of the site that the tests browse."""

import anyio.from_thread

from contactory import (
    Cache,
    Permissions,
    contacts,
    elevate,
    invalidate_cache,
    web_method,
)

_runs = []


@web_method(Permissions.ANYONE)
async def create_through_back_end(info, options=None):
    """End the comment: */ throw new Error("injected"); /*"""
    return await elevate(contacts.create_contact)(info, options)


@web_method(Permissions.ANYONE)
async def create_as_caller(info):
    return await contacts.create_contact(info)


@web_method(Permissions.ANYONE)
def create_plainly(info):
    return {"made": [anyio.from_thread.run(elevate(contacts.create_contact), info)]}


@web_method(Permissions.SITE_MEMBER)
async def for_members():
    return "hello"


@web_method(Permissions.ADMIN)
async def for_admins():
    return "hello"


@web_method(Permissions.ANYONE)
async def delete(new, function="left out", *class_):
    return [new, function, list(class_)]


@web_method(Permissions.ANYONE)
async def fail():
    raise RuntimeError("a secret of the back end")


@web_method(Permissions.ANYONE)
async def unshowable():
    return object()


@web_method(Permissions.ANYONE, cache=Cache(tags=("prices",)))
async def price(of):
    _runs.append(of)
    return {"of": of, "runs": len(_runs)}


@web_method(Permissions.ANYONE)
async def set_prices():
    await invalidate_cache("prices")
