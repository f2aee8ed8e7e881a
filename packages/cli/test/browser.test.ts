import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { HAS_CHROMIUM, openTab } from './chromium.ts'
import { eventually, startTsws } from './tsws.ts'

const PAGES = 40

/** A page of a documentation site: style, script as a module, picture, and links, one into a folder, one to what is gone. */
function page(index: number): string {
  const next = (index + 1) % PAGES
  return `<!doctype html><html lang="en"><title>Page ${index}</title>
<link rel="stylesheet" href="/assets/style.4f3a9c1b.css">
<script type="module" src="/assets/app.4f3a9c1b.js"></script>
<h1>Page ${index}</h1><img src="../bild ü.svg" alt="a picture">
<a id="next" href="../page-${next}/?from=${index}#top">next</a> <a id="bare" href="/page-${next}">bare</a>`
}

/** A minute of silence as WAV: 16 bits, 44.1 kHz, one channel. */
function silence(seconds: number): Uint8Array {
  const samples = seconds * 44_100 * 2
  const head = Buffer.from('RIFF    WAVEfmt                     data    ', 'latin1')
  head.writeUInt32LE(36 + samples, 4)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(44_100, 24)
  head.writeUInt32LE(88_200, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.writeUInt32LE(samples, 40)
  return Buffer.concat([head, Buffer.alloc(samples)])
}

let site: TempSite
beforeAll(async () => {
  const pages = Object.fromEntries(
    Array.from({ length: PAGES }, (_, index) => [`page-${index}/index.html`, page(index)]),
  )
  site = await tempSite({
    ...pages,
    'index.html': '<!doctype html><title>Start</title><a id="next" href="page-0/">start</a>',
    'favicon.ico': '',
    'bild ü.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    'assets/style.4f3a9c1b.css': 'h1 { color: rgb(1, 2, 3) }',
    'assets/app.4f3a9c1b.js': "import { mark } from './part.js'\nmark()",
    'assets/part.js': "export const mark = () => { document.body.dataset.ran = 'yes' }",
    'sound.wav': silence(120),
    'player.html': '<!doctype html><title>Player</title><audio src="sound.wav" preload="auto"></audio>',
  })
  mkdirSync(site.path('list/inner folder'), { recursive: true })
  for (const name of [
    'b.txt',
    'a<img src=x onerror=alert(1)>.txt',
    `it's "quoted" & spaced.txt`,
    'rtl-\u202Etxt.exe',
  ]) {
    writeFileSync(site.path(`list/${name}`), name)
  }
  writeFileSync(Buffer.concat([Buffer.from(`${site.path('list')}/latin-`), Buffer.from([0xe9])]), 'x')
})
afterAll(() => site.remove())

describe.skipIf(!HAS_CHROMIUM)('in Chromium', { timeout: 60_000 }, () => {
  test('a site is clicked through without a failed request or a complaint, and again from the cache', async () => {
    await using server = await startTsws([site.root, '--log', 'off'])
    await using tab = await openTab()
    for (let round = 0; round < 2; round++) {
      await tab.open(server.ready.url)
      for (let index = 0; index < PAGES; index++) {
        const link = index % 3 === 2 ? 'bare' : 'next' // a folder without its slash is redirected
        await tab.open(
          await tab.evaluate<string>(
            `(document.getElementById('${link}') ?? document.getElementById('next')).href`,
          ),
        )
        expect(await tab.evaluate('document.title')).toBe(`Page ${index}`)
        expect(await tab.evaluate("getComputedStyle(document.querySelector('h1')).color")).toBe(
          'rgb(1, 2, 3)',
        )
        expect(await tab.evaluate('document.body.dataset.ran')).toBe('yes')
        expect(await tab.evaluate('document.images[0].complete')).toBe(true)
      }
    }
    expect(tab.complaints).toEqual([])
    expect(new Set(tab.loaded.map(({ status }) => status))).toEqual(
      new Set([200, 304].filter((status) => tab.loaded.some((one) => one.status === status))),
    )
  })

  test('sound is sought in by ranges of a file, at its end and back at its middle', async () => {
    // By then the file is old enough for a strong entity tag, by which Chromium joins what it has.
    await eventually(() =>
      expect(Date.now() - statSync(site.path('sound.wav')).ctimeMs).toBeGreaterThan(2_000),
    )
    await using server = await startTsws([site.root, '--log', 'off'])
    await using tab = await openTab()
    await tab.open(`${server.ready.url}player.html`)
    const seek = (seconds: number): Promise<number> =>
      tab.evaluate<number>(`new Promise((resolve, reject) => {
        const audio = document.querySelector('audio')
        audio.onerror = () => reject(new Error(audio.error.message))
        const go = () => {
          audio.onseeked = () => resolve(audio.currentTime)
          audio.currentTime = ${seconds}
        }
        if (audio.readyState >= 1) go()
        else audio.onloadedmetadata = go
      })`)
    expect(await seek(118)).toBe(118)
    expect(await seek(55)).toBe(55)
    expect(await tab.evaluate("document.querySelector('audio').duration")).toBe(120)
    const parts = tab.loaded.filter(({ url }) => url.endsWith('.wav'))
    expect(parts.length).toBeGreaterThan(1)
    for (const { status, fields } of parts) {
      expect(status).toBe(206)
      expect(fields['content-range']).toMatch(/^bytes \d+-\d+\/10584044$/)
    }
    expect(tab.complaints).toEqual([])
  })

  test('a listing is a table by keyboard and aloud, its policy is kept, and no name is markup', async () => {
    await using server = await startTsws([site.root, '--listing', '--log', 'off'])
    await using tab = await openTab()
    await tab.open(`${server.ready.url}list/`)
    const names = await tab.evaluate<string[]>(
      "[...document.querySelectorAll('tbody th')].map((cell) => cell.innerText)",
    )
    expect(names.map((name) => name.split('\n')[0])).toEqual([
      '..',
      'inner folder/',
      'a<img src=x onerror=alert(1)>.txt',
      'b.txt',
      `it's "quoted" & spaced.txt`,
      'latin-\\xe9',
      'rtl-\\u{202E}txt.exe',
    ])
    expect(await tab.evaluate('document.images.length')).toBe(0)
    // The stylesheet was taken: its policy lets in nothing else.
    expect(await tab.evaluate("getComputedStyle(document.querySelector('.spoken')).position")).toBe(
      'absolute',
    )
    expect(tab.complaints).toEqual([])
    for (const link of await tab.evaluate<string[]>(
      "[...document.querySelectorAll('tbody a')].map((a) => a.href)",
    )) {
      expect((await fetch(link)).status, link).toBe(200)
    }

    const { nodes } = await tab.send<{ nodes: AxNode[] }>('Accessibility.getFullAXTree')
    const spoken = (role: string): string[] =>
      nodes.filter((node) => node.role?.value === role && !node.ignored).map((node) => node.name?.value ?? '')
    expect(spoken('heading')).toEqual(['Contents of /list/'])
    expect(spoken('navigation')).toEqual(['Path'])
    expect(spoken('columnheader')).toEqual(['Name', 'Size', 'Modified UTC'])
    expect(spoken('rowheader')).toHaveLength(7)
    expect(spoken('image')).toEqual([]) // the icons say nothing that the names do not

    // By Tab through the page in the order it is read, with a ring to see where one is.
    const visited: string[] = []
    for (let press = 0; press < 6; press++) {
      for (const type of ['keyDown', 'keyUp'])
        await tab.send('Input.dispatchKeyEvent', { type, key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 })
      visited.push(await tab.evaluate('document.activeElement.innerText.trim()'))
      expect(await tab.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    }
    expect(visited.slice(0, 5)).toEqual(['Home', 'list', 'Name', 'Size', 'Modified UTC'])
  })

  test.each([
    ['light', 1100, 'rgb(255, 255, 255)'],
    ['dark', 1100, 'rgb(22, 24, 29)'],
    ['light', 360, 'rgb(255, 255, 255)'],
  ])(
    'a listing in %s at %i pixels has its ground and does not scroll sideways',
    async (scheme, width, ground) => {
      await using server = await startTsws([site.root, '--listing', '--log', 'off'])
      await using tab = await openTab()
      await tab.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      })
      await tab.send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 800,
        deviceScaleFactor: 1,
        mobile: width < 500,
      })
      await tab.open(`${server.ready.url}list/`)
      expect(await tab.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(ground)
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(
        await tab.evaluate("getComputedStyle(document.querySelector('tbody a')).textDecorationLine"),
      ).toBe('none')
    },
  )
})

interface AxNode {
  ignored: boolean
  role?: { value: string }
  name?: { value: string }
}
