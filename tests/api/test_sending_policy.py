"""The sending policy through the API."""

from __future__ import annotations

import httpx2

from tests.api.people import codes

CAPS = {"policy": {"caps": [{"most": 2, "per": "week"}]}}
PATH = "/api/sending-policy"


async def test_a_policy_is_read_and_replaced_by_who_has_read_it(api: httpx2.AsyncClient) -> None:
    shipped = await api.get(PATH)
    assert (shipped.status_code, shipped.json()["version"]) == (200, 0)
    assert (await api.put(PATH, json=CAPS)).status_code == 428
    tag = {"If-Match": shipped.headers["etag"]}
    put = await api.put(PATH, json=CAPS, headers=tag)
    assert (put.status_code, put.json()["policy"]) == (200, CAPS["policy"])
    assert (await api.get(PATH)).json() == put.json()
    assert (await api.put(PATH, json=CAPS, headers=tag)).status_code == 412
    assert (await api.put(PATH, json=CAPS, headers={"If-Match": "*"})).status_code == 200


async def test_mistakes_are_told_with_their_pointers(api: httpx2.AsyncClient) -> None:
    wrong = {"policy": {"caps": [{"most": 0, "per": "week"}], "cap": []}}
    refused = await api.put(PATH, json=wrong, headers={"If-Match": "*"})
    assert refused.status_code == 422
    found = {("/policy/caps/0/most", "bad_policy"), ("/policy/cap", "unknown_key")}
    assert set(codes(refused)) == found
    checked = await api.post(f"{PATH}/check", json=wrong)
    assert (checked.status_code, checked.json()["ok"]) == (200, False)
    assert {one["pointer"] for one in checked.json()["problems"]} == {one for one, _ in found}
    assert (await api.post(f"{PATH}/check", json=CAPS)).json() == {
        "ok": True,
        "problems": [],
        "remarks": [],
    }
    monthly = {"policy": {"caps": [{"most": 6, "per": "month"}]}}
    [remark] = (await api.post(f"{PATH}/check", json=monthly)).json()["remarks"]
    assert (remark["pointer"], remark["code"]) == ("/policy/caps/0", "longer_than_waits")
