"""Members of a site: whom the site's own program vouches for, with keys that the site trusts."""

from __future__ import annotations

from contactory.domain.access import MemberKey, MemberKeyInfo, NewMemberKey
from contactory.domain.errors import Unauthenticated
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.vouchers import (
    Voucher,
    new_member_key,
    read_public_key,
    read_voucher,
    voucher_origin,
)
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.ops.arguments import check_found, row_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.engine import Store
from contactory.store.member_keys import (
    find_member_key,
    insert_member_key,
    list_member_keys,
    revoke_member_key,
)


class Members(Bound):
    """The keys that vouch for members.

    A voucher is a JWT (RFC 7519) signed by such a key. Header: `kid`, the key's id. Claims: `aud`,
    the site id; `sub`, the member's id of 1 to 100 printable characters; `iat` and `exp`, at most
    600 seconds apart; `jti`, any text, good once. One that serves as an authorization code also has
    `client_id`, `redirect_uri` and `code_challenge` (RFC 7636, S256).
    """

    @operation(Permission.ACCESS_MANAGE)
    async def trust_key(self, context: Context, public_key_pem: str) -> MemberKey:
        """Trust a public key in PEM: RSA of 2048 bits or more, EC P-256, or Ed25519.

        Its vouchers are signed with RS256, ES256 or EdDSA respectively.

        Raises PermissionDenied, InvalidArgument.
        """
        problems = Problems()
        public_key = read_public_key(problems, public_key_pem, "publicKeyPem")
        problems.check()
        return await _insert(context, public_key)

    @operation(Permission.ACCESS_MANAGE)
    async def create_member_key(self, context: Context) -> NewMemberKey:
        """Make an Ed25519 key pair and trust it; the private half is shown this once.

        Raises PermissionDenied.
        """
        private_key, public_key = new_member_key()
        key = await _insert(context, public_key)
        return NewMemberKey(id=key.id, private_key=private_key, site_id=key.site_id)

    @operation(Permission.ACCESS_MANAGE)
    async def list_member_keys(self, context: Context) -> list[MemberKeyInfo]:
        """All keys, oldest first, revoked ones too. Raises PermissionDenied."""
        return await context.store.read(lambda tx: list_member_keys(tx, context.site))

    @operation(Permission.ACCESS_MANAGE)
    async def revoke_member_key(self, context: Context, key_id: str) -> None:
        """Trust the key no more. Sessions that it opened go on until they expire.

        Raises PermissionDenied, NotFound.
        """
        row, now = row_id(key_id, "member key"), Timestamp.current()
        found = await context.store.write(lambda tx: revoke_member_key(tx, context.site, row, now))
        check_found("member key", found)


async def verified(store: Store, token: str) -> Voucher:
    """The voucher that this is, verified but not yet used. Raises Unauthenticated."""
    origin = voucher_origin(token)
    public_key = await store.read(lambda tx: find_member_key(tx, origin))
    if public_key is None:
        raise Unauthenticated("The voucher cannot be used: the site trusts no key of this id")
    return read_voucher(token, origin, public_key)


async def _insert(context: Context, public_key: str) -> MemberKey:
    key = MemberKeyInfo(id=new_id(), public_key=public_key, created_date=Timestamp.current())
    await context.store.write(lambda tx: insert_member_key(tx, context.site, key))
    return MemberKey(id=key.id, site_id=context.site_id)
