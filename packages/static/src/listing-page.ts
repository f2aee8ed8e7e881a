import { HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import { IMMUTABLE } from './cache-control.ts'
import type { EntryDetails } from './directory-reader.ts'
import { STYLESHEET } from './listing-style.ts'
import type { ListingFormat, ListingSettings, ListingView } from './listing.ts'
import { encodePath } from './request-path.ts'

/** A page for people: no script, one stylesheet, a table that reads well aloud. */
export function listingPage(settings: ListingSettings): ListingFormat {
  return {
    head: (path, view) => pageHead(path, view, settings),
    row: (entry) => pageRow(entry),
    foot: (shown, complete) => pageFoot(shown, complete),
  }
}

/** Where the stylesheet lies below `base`. A dotfile's name, so that no file of the site is hidden by it. */
export function stylesheetPath(base: string): string {
  return `${base}/.tsws/listing-${fingerprint(STYLESHEET)}.css`
}

/** FNV-1a: another stylesheet, another name. No more is asked of it. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(36)
}

export function answerStylesheet(): HttpResponse {
  return new HttpResponse(STYLESHEET, { headers: HttpHeaders.of(STYLESHEET_FIELDS) })
}

const STYLESHEET_FIELDS = new HeaderBlock({
  'Content-Type': 'text/css; charset=utf-8',
  'Cache-Control': IMMUTABLE,
  Vary: 'Accept-Encoding',
})

function pageHead(path: string, view: ListingView, settings: ListingSettings): string {
  const folder = path === '/' ? '/' : `${path}/`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(folder)}</title>
<link rel="stylesheet" href="${escapeHtml(settings.stylesheet)}">
</head>
<body>
<svg class="defs" aria-hidden="true"><symbol id="d" viewBox="0 0 16 16"><path d="M1.5 3h4.6l1.4 1.6h7v8.4h-13z"/></symbol><symbol id="f" viewBox="0 0 16 16"><path d="M3.5 1.5h6l3 3v10h-9z"/></symbol></svg>
<main>
<nav aria-label="Path"><ol>${breadcrumbs(path, settings.base)}</ol></nav>
<h1 class="spoken">Contents of ${showName(folder)}</h1>
${downloads(settings.archives)}<table>
<thead><tr>${column('name', 'Name', view)}${column('size', 'Size', view)}${column('time', 'Modified <small>UTC</small>', view)}</tr></thead>
<tbody>
${path === '/' ? '' : `<tr class="up"><th scope="row"><a href="../"><svg aria-hidden="true"><use href="#d"/></svg>..<span class="spoken"> (folder above)</span></a></th><td></td><td></td></tr>\n`}`
}

function pageRow({ name, type, path, size, modified }: EntryDetails): string {
  const isFolder = type === 'directory'
  const shown = `<svg aria-hidden="true"><use href="#${isFolder ? 'd' : 'f'}"/></svg><bdi>${showName(name)}</bdi>${isFolder ? '/' : ''}`
  // `./`: a name such as `a:b` would otherwise be read as a URL of its own.
  const cell =
    path === null ? `<span>${shown}</span>` : `<a href="./${escapeHtml(hrefOf(path, isFolder))}">${shown}</a>`
  return `<tr><th scope="row">${cell}</th><td>${size === null ? '' : formatSize(size)}</td><td>${formatTime(modified)}</td></tr>\n`
}

function pageFoot(shown: number, complete: boolean): string {
  const count = shown === 0 ? 'This folder is empty.' : `${shown} ${shown === 1 ? 'entry' : 'entries'}`
  return `</tbody>
</table>
<p>${count}${complete ? '' : ', and more that are not shown'}</p>
</main>
</body>
</html>
`
}

function breadcrumbs(path: string, base: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  let href = `${base}/`
  let html = `<li><a href="${escapeHtml(href)}"${segments.length === 0 ? ' aria-current="page"' : ''}>Home</a></li>`
  for (const [index, segment] of segments.entries()) {
    href += `${encodePath(segment)}/`
    const current = index === segments.length - 1 ? ' aria-current="page"' : ''
    html += `<li><a href="${escapeHtml(href)}"${current}><bdi>${showName(segment)}</bdi></a></li>`
  }
  return html
}

function column(sort: ListingView['sort'], title: string, view: ListingView): string {
  const isCurrent = view.sort === sort
  const next = isCurrent && view.order === 'asc' ? 'desc' : 'asc'
  const state = isCurrent ? ` aria-sort="${view.order === 'asc' ? 'ascending' : 'descending'}"` : ''
  return `<th scope="col"${state}><a href="?sort=${sort}&amp;order=${next}">${title}</a></th>`
}

function downloads(archives: readonly string[]): string {
  if (archives.length === 0) return ''
  const links = archives.map((format) => `<a href="?archive=${format}" download>.${format}</a>`)
  return `<p class="download">Download this folder: ${links.join(' ')}</p>\n`
}

function hrefOf(path: string, isFolder: boolean): string {
  const name = encodePath(path.slice(path.lastIndexOf('/') + 1))
  return isFolder ? `${name}/` : name
}

/**
 * A name as text. Controls that turn the direction of writing (CVE-2021-42574) or take no room would show another name
 * than the one that is there, so they are shown for what they are.
 */
function showName(name: string): string {
  return escapeHtml(
    name.replace(INVISIBLE, (char) => `\\u{${(char.codePointAt(0) as number).toString(16).toUpperCase()}}`),
  )
}

const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] as string)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `1.5 kB`: three digits, powers of a thousand. */
export function formatSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${UNITS[unit]}`
}

function formatTime(modified: number | null): string {
  if (modified === null) return ''
  const iso = new Date(modified).toISOString()
  return `<time datetime="${iso}">${iso.slice(0, 10)}<span> ${iso.slice(11, 16)}</span></time>`
}
