"""Pictures of the documentation: fewer colours, the same picture."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import Browser

from tests.browser.screenshots.shots import SHOTS
from tests.browser.screenshots.small_png import smaller

pytestmark = pytest.mark.asyncio(loop_scope="session")

COLOURFUL = (
    "<body style='margin:0'><div style='height:150px;background:#4f46e5'></div>"
    "<div style='height:150px;background:linear-gradient(90deg,#fff,#a00,#0a0,#00a)'></div>"
)
MIDDLES = """
async (picture) => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const at = (x, y) => [...canvas.getImageData(x, y, 1, 1).data].slice(0, 3);
  return [image.width, image.height, at(200, 75), at(200, 225)];
}
"""


async def test_a_picture_of_256_colours_is_smaller_and_looks_the_same(browser: Browser) -> None:
    page = await browser.new_page(viewport={"width": 400, "height": 300})
    await page.set_content(COLOURFUL)
    picture = await page.screenshot()
    small = await smaller(page, picture)
    assert len(small) < len(picture)
    *before, flat, bright = await page.evaluate(MIDDLES, base64.b64encode(picture).decode())
    *after, flat_now, bright_now = await page.evaluate(MIDDLES, base64.b64encode(small).decode())
    await page.close()
    assert after == before == [400, 300]
    assert flat_now == flat
    assert max(abs(one - other) for one, other in zip(bright, bright_now, strict=True)) < 24


async def test_every_picture_has_a_name_of_its_own() -> None:
    assert len({shot.name for shot in SHOTS}) == len(SHOTS)
