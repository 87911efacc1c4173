import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveUi, type UiServer } from '../../src/cli/ui-server.js'

/** A request with any path, host and method, as no well-behaved client would send it. */
const ask = (port: number, path: string, host: string, method = 'GET'): Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }))
    }).on('error', reject).end()
  })

describe('the server of the page', () => {
  let served: UiServer
  let port: number
  let path: string
  beforeAll(async () => {
    served = await serveUi('<p>the page</p>', { host: '127.0.0.1', port: 0 })
    const url = new URL(served.url)
    port = Number(url.port)
    path = url.pathname
  })
  afterAll(() => served.server.close())

  test('listens on loopback only, at a path that cannot be guessed', () => {
    expect(served.server.address()).toMatchObject({ address: '127.0.0.1' })
    expect(path).toMatch(/^\/[0-9a-f]{32}\/$/)
  })

  test('gives the page to who has the address', async () => {
    const { status, text, headers } = await ask(port, path, `127.0.0.1:${port}`)
    expect([status, text]).toEqual([200, '<p>the page</p>'])
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' })
  })

  test.each(['/', '/0123456789abcdef0123456789abcdef/', '/../package.json', '/%2e%2e/%2e%2e/etc/passwd'])('gives nothing for %s', async (wrong) => {
    expect((await ask(port, wrong, `127.0.0.1:${port}`)).status).toBe(404)
  })

  test('nothing below or beside the page can be reached', async () => {
    expect((await ask(port, `${path}../package.json`, `127.0.0.1:${port}`)).status).toBe(404)
    expect((await ask(port, `${path}x`, `127.0.0.1:${port}`)).status).toBe(404)
  })

  test('answers to no other name, so that other sites cannot reach it', async () => {
    expect((await ask(port, path, 'evil.example')).status).toBe(403)
    expect((await ask(port, path, `localhost:${port}`)).status).toBe(200)
  })

  test('changes nothing for anybody', async () => {
    expect((await ask(port, path, `127.0.0.1:${port}`, 'POST')).status).toBe(405)
  })
})
