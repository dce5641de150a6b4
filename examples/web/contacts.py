"""Back-end functions of a site: pages import them from /web/contacts.js."""

from contactory import Permissions, contacts, elevate, web_method


@web_method(Permissions.ANYONE)
async def my_create_contact_function(info, options=None):
    """Create a contact for whoever fills the form in.

    Anyone may call this, so it elevates on purpose, and for this one call.
    """
    return await elevate(contacts.create_contact)(info, options)
