import path from 'node:path'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import race from '../../races/gup-fast-vs-thp-collapse.js'
import { Browser, mmrace, obstacle, selectedStep } from './browser.js'

/** The model is most of it: all three kernels, each race. */
const LIMIT = 650_000

describe.skipIf(obstacle !== undefined)('the page in all its shapes', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await Browser.start()
  })
  afterAll(() => browser.stop())
  const open = (file: string) => browser.open(pathToFileURL(file).href)

  test('is small without its data', () => {
    const html = readFileSync(browser.exported('gup-fast-vs-thp-collapse', '--bug'), 'utf8')
    const data = /<script type="application\/json"[^]*?<\/script>/.exec(html)![0]
    expect(Buffer.byteLength(html) - Buffer.byteLength(data)).toBeLessThan(LIMIT)
  })

  test('shows a run of 200 steps of a file of the user\'s', async () => {
    const { page, errors } = await open(browser.exported(path.join(import.meta.dirname, 'long.ts'), '--bug'))
    const steps = Number(/step (\d+) of/.exec(await page.getByText(/step \d+ of \d+/).textContent() ?? '')![1])
    expect(steps).toBeGreaterThanOrEqual(200)
    await page.keyboard.press('f')
    expect(await page.getByRole('row').count()).toBeGreaterThan(200)
    for (let i = 0; i < 20; i++) await page.keyboard.press('k')
    expect(Number(await selectedStep(page))).toBeLessThan(steps - 15)
    expect(await page.getByText('a long run, <b>of a file</b> of the user\'s').count()).toBe(1)
    await page.getByRole('combobox', { name: 'Variant' }).selectOption('fixed')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('heading', { name: /HOLDS\s+in every interleaving/ }).waitFor()
    expect(errors).toEqual([])
    await page.close()
  })

  test('says that it cannot search a file that needs more than mmrace', async () => {
    const { page, errors } = await open(browser.exported(path.join(import.meta.dirname, 'needs-node.ts'), '--bug'))
    expect(await page.getByText('its run can be read, not searched').count()).toBe(1)
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true)
    expect(errors).toEqual([])
    await page.close()
  })

  test('marks stale entries of TLBs', async () => {
    const { page } = await open(browser.exported('mremap-vs-truncate', '--bug'))
    await page.getByRole('row', { name: /ptep_get_and_clear/ }).first().click()
    expect(await page.getByRole('table').getByText(/⚠ stale page\d+/).count()).toBeGreaterThan(0)
    await page.close()
  })

  test('is one column on a narrow screen', async () => {
    const { page } = await open(browser.exported('mremap-vs-truncate', '--bug'))
    await page.setViewportSize({ width: 400, height: 800 })
    expect(await page.evaluate(() => document.scrollingElement!.scrollWidth)).toBeLessThanOrEqual(400)
    const columns = await page.locator('.panel').evaluateAll((panels) => panels.map((panel) => panel.getBoundingClientRect().left))
    expect(new Set(columns).size).toBe(1)
    await page.close()
  })

  test('is light or dark, as the reader wishes', async () => {
    const { page } = await open(browser.exported('gup-fast-vs-thp-collapse', '--bug'))
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const [light] = [await background(), await page.emulateMedia({ colorScheme: 'dark' })]
    const dark = await background()
    expect(dark).not.toBe(light)
    await page.getByRole('button', { name: 'dark or light' }).click()
    expect(await background()).toBe(light)
    await page.close()
  })

  test('prints whole', async () => {
    const { page } = await open(browser.exported('gup-fast-vs-thp-collapse', '--bug'))
    await page.emulateMedia({ media: 'print' })
    const cut = await page.locator('.interleaving').evaluate((panel) => panel.scrollHeight > panel.clientHeight + 1)
    expect(cut).toBe(false)
    expect(await page.getByRole('toolbar', { name: 'run' }).isVisible()).toBe(false)
    await page.close()
  })

  test('pins a field and goes from change to change', async () => {
    const { page } = await open(browser.exported('gup-fast-vs-thp-collapse', '--bug'))
    await page.getByRole('button', { name: /^pin mm0\.pmd\[0\]/ }).click()
    const history = page.getByRole('group', { name: 'history of mm0.pmd[0]' })
    expect(await history.getByRole('button').allTextContents()).toEqual([expect.stringMatching(/→ none/), expect.stringMatching(/→ huge/), '×'])
    await page.keyboard.press('p')
    const before = Number(await selectedStep(page))
    await page.keyboard.press('p')
    expect(Number(await selectedStep(page))).toBeLessThan(before)
    await page.close()
  })

  test('a gallery links a page for each kernel of each race', async () => {
    const dir = path.join(browser.dir, 'gallery')
    mmrace('gallery', dir, 'gup-fast-vs-thp-collapse')
    const { page, errors } = await open(path.join(dir, 'index.html'))
    const links = await page.getByRole('link').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))
    expect(links.map((link) => path.basename(link))).toEqual(Object.keys(race.variants).map((name) => `gup-fast-vs-thp-collapse.${name}.html`))
    await page.goto(links.find((link) => link.endsWith('/gup-fast-vs-thp-collapse.fixed.html'))!)
    await page.getByRole('heading', { name: /HOLDS\s+in every interleaving/ }).waitFor()
    expect(errors).toEqual([])
    await page.close()
  })
})
