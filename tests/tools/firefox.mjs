// Opens pages in Firefox and says as JSON what became of them: node firefox.mjs FIREFOX ADDRESS ...
// The last address is that of a layer's page, whose script is tried with the keyboard.
import puppeteer from 'puppeteer-core';

const [executablePath, ...addresses] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, defaultViewport: null });

async function opened(address, width) {
  const page = await browser.newPage();
  const messages = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  try {
    await page.setViewport({ width, height: 844 });
  } catch (error) {
    // The size is set before the orientation, which not every Firefox knows of.
    if (!/setScreenOrientationOverride/.test(error.message)) throw error;
  }
  await page.goto(address, { waitUntil: 'load' });
  return { page, messages };
}

const pages = [];
for (const address of addresses) {
  for (const width of [360, 1280]) {
    const { page, messages } = await opened(address, width);
    const found = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      broken: [...document.images].filter((image) => image.complete && !image.naturalWidth).length,
      outside: performance.getEntriesByType('resource').map((each) => each.name).filter((name) => /^https?:/.test(name)),
      inner: innerWidth,
    }));
    pages.push({ address, width, messages, ...found });
    await page.close();
  }
}

const { page, messages } = await opened(addresses.at(-1), 1280);
const title = () => page.evaluate(() => document.querySelector('.enlarged h2').textContent);
const script = {};
await page.focus('.unit h3 button');
await page.keyboard.press('Enter');
script.first = await title();
await page.keyboard.press('ArrowRight');
script.second = await title();
script.address = await page.evaluate(() => location.search);
await page.keyboard.press('Escape');
script.closed = await page.evaluate(() => !document.querySelector('.enlarged').open);
await page.focus('.chooser input');
await page.keyboard.press('ArrowRight');
script.chosen = await page.evaluate(() => document.querySelector('.chooser :checked').value);
script.map = await page.evaluate(() => document.querySelector('.unit .map image').getAttribute('href'));
await page.focus('.theme');
await page.keyboard.press('Enter');
script.theme = await page.evaluate(() => document.documentElement.dataset.theme);
script.messages = messages;

console.log(JSON.stringify({ pages, script }));
await browser.close();
