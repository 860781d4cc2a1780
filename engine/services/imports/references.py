"""Names of other records in a batch of lines to their ids, a query per field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bulk
from crm_store import imports as rows
from crm_store.merged_contacts import known_by_former
from engine.services.field_values import nearest
from engine.services.imports.draft import Draft
from engine.services.imports.kinds.base import Key, RecordKind, Target
from engine.services.imports.mapping import FieldSource

_SUGGESTED_FROM = 5_000


def key_of(target: Target, source: FieldSource) -> Key:
    return target.by[source.by] if source.by else next(iter(target.by.values()))


class References:
    """`also_created` counts records made on the way, by noun."""

    def __init__(self, kind: RecordKind, fields: Mapping[str, FieldSource]) -> None:
        self._kind = kind
        self._fields = fields
        self._suggestions: dict[str, list[str]] = {}
        self.also_created: dict[str, int] = {}

    async def resolve(self, session: AsyncSession, drafts: Sequence[Draft]) -> None:
        """Write ids into the drafts' values, refuse unknown names, put some off till later."""
        for name in {name for draft in drafts for name in draft.names}:
            naming = [draft for draft in drafts if name in draft.names]
            await self._resolve_field(session, name, naming)

    async def _resolve_field(
        self, session: AsyncSession, name: str, drafts: Sequence[Draft]
    ) -> None:
        target = self._kind.fields[name].target
        assert target is not None
        source = self._fields[name]
        key = key_of(target, source)
        names = {key.fold(draft.names[name]): draft.names[name] for draft in drafts}
        ids = await rows.ids_by(session, target.table, key.column, names.keys())
        if target.table == "contact":
            former = await known_by_former(session, key.column, names.keys() - ids.keys())
            ids |= {name: [contact_id] for name, contact_id in former.items()}
        missing = {folded: text for folded, text in names.items() if folded not in ids}
        if missing and source.missing == "create":
            made = await self._create(session, target, source, missing)
            ids |= made
            missing = {}
        for draft in drafts:
            folded = key.fold(draft.names[name])
            if folded in missing:
                await self._miss(session, draft, name, target, source, folded)
            elif len(ids[folded]) > 1:
                ways = ", ".join(way for way in target.by)
                draft.refuse(
                    name,
                    "ambiguous",
                    f'{len(ids[folded])} {target.noun}s are called "{draft.names[name]}"; say '
                    f'"by" another key ({ways}).',
                )
            else:
                draft.values[self._kind.column(name)] = ids[folded][0]

    async def _create(
        self, session: AsyncSession, target: Target, source: FieldSource, names: Mapping[str, str]
    ) -> dict[str, list[int]]:
        assert target.new is not None
        new_ids = await bulk.allocate_ids(session, target.table, len(names))
        ids = dict(zip(names, new_ids, strict=True))
        records = [
            {"id": ids[folded], **target.new(text, source.create_with)}
            for folded, text in names.items()
        ]
        await bulk.insert_rows(session, target.table, sorted(records[0]), records)
        # Another transaction may have made one of a unique name meanwhile; then that one counts.
        self.also_created[target.noun] = self.also_created.get(target.noun, 0) + len(names)
        return await rows.ids_by(session, target.table, key_of(target, source).column, names.keys())

    async def _miss(
        self,
        session: AsyncSession,
        draft: Draft,
        name: str,
        target: Target,
        source: FieldSource,
        folded: str,
    ) -> None:
        if source.missing == "empty":
            return
        if target.table == self._kind.table:
            draft.later[name] = folded
            return
        text = draft.names[name]
        hint = nearest(text, await self._known(session, target))
        message = f'there is no {target.noun} "{text}".{hint}'
        draft.refuse(name, "unknown_reference", message)

    async def _known(self, session: AsyncSession, target: Target) -> list[str]:
        if target.table not in self._suggestions:
            self._suggestions[target.table] = await rows.some_names(
                session, target.table, target.label, _SUGGESTED_FROM
            )
        return self._suggestions[target.table]
