import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Browser, obstacle, selectedStep } from './browser.js'

describe.skipIf(obstacle !== undefined)('the page by keyboard alone', () => {
  let browser: Browser
  let url: string
  beforeAll(async () => {
    browser = await Browser.start()
    url = pathToFileURL(browser.exported('gup-fast-vs-thp-collapse', '--bug')).href
  })
  afterAll(() => browser.stop())

  test('goes through the run, branches, undoes', async () => {
    const { page } = await browser.open(url)
    await page.keyboard.press('g')
    expect(await selectedStep(page)).toBe(null)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    const first = await selectedStep(page)
    await page.keyboard.press('J')
    await page.keyboard.press('k')
    expect(await selectedStep(page)).toBe(first)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('h')
    expect(await selectedStep(page)).toBe(first)
    await page.keyboard.press('2')
    await page.getByRole('heading', { name: /RUN\s+\d+ steps, not at its end/ }).waitFor()
    await page.keyboard.press('e')
    await page.getByRole('heading', { name: /nothing violated|VIOLATED/ }).waitFor()
    await page.keyboard.press('u')
    await page.keyboard.press('u')
    await page.getByRole('heading', { name: /VIOLATED\s+lost write/ }).waitFor()
    await page.keyboard.press('v')
    await page.getByText('first difference').first().waitFor()
    await page.close()
  })

  test('shows its keys, and every control can be reached with Tab', async () => {
    const { page } = await browser.open(url)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    const names: string[] = []
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      names.push(await page.evaluate(() => {
        const on = document.activeElement
        return on?.getAttribute('role') ?? on?.getAttribute('aria-label') ?? on?.closest('label')?.textContent ?? on?.textContent ?? ''
      }))
    }
    const place = (name: string): number => names.findIndex((found) => found.startsWith(name))
    const order = ['Race', 'Profile', 'Kernel', 'Run', 'Copy as', 'row', 'tab'].map((name) => place(name))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order).not.toContain(-1)
    await page.close()
  })

  test('filters the steps, and shows only what changed', async () => {
    const { page } = await browser.open(url)
    await page.keyboard.press('/')
    await page.keyboard.type('pmdp_get_and_clear')
    const rows = page.getByRole('grid', { name: 'interleaving' }).locator('[data-step]')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().click()
    await page.keyboard.press('d')
    expect(await page.getByRole('tab', { name: 'changes' }).getAttribute('aria-selected')).toBe('true')
    await page.close()
  })

  test('moves between tabs with arrows', async () => {
    const { page } = await browser.open(url)
    await page.getByRole('tab', { name: 'needed orders' }).focus()
    await page.keyboard.press('ArrowRight')
    expect(await page.getByRole('tab', { name: 'compare' }).getAttribute('aria-selected')).toBe('true')
    await page.close()
  })
})
