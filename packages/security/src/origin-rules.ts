/** Characters of an origin: a scheme, a name of 253 (RFC 1035 §2.3.4) and a port. */
export const MAX_ORIGIN_LENGTH = 280

/**
 * Makes the test whether an origin is one of these, as browsers write it (RFC 6454 §6.2): `https://example.com`,
 * `http://localhost:3000`, `https://*.example.com` for every subdomain.
 * @throws {TypeError} for an entry that no browser would ever send
 */
export function originRules(entries: readonly string[]): (origin: string) => boolean {
  const exact = new Set<string>()
  const patterns: { readonly before: string; readonly after: string }[] = []
  for (const entry of entries) {
    assertOrigin(entry)
    const [before = '', after] = entry.split('*')
    if (after === undefined) exact.add(entry)
    else patterns.push({ before, after })
  }
  return (origin) => exact.has(origin) || patterns.some((pattern) => matches(pattern, origin))
}

/** What a star stands for: labels of a name, and nothing that could end it. */
const SUBDOMAIN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/

function matches({ before, after }: { before: string; after: string }, origin: string): boolean {
  if (!origin.startsWith(before) || !origin.endsWith(after)) return false
  return SUBDOMAIN.test(origin.slice(before.length, origin.length - after.length))
}

function assertOrigin(entry: string): void {
  // In place of the star a label: what is left must be an origin and nothing but an origin.
  const concrete = entry.replace('://*.', '://label.')
  const normal = URL.canParse(concrete) ? new URL(concrete) : null
  const ports = normal?.port === '' ? '' : `:${normal?.port}`
  const written = normal === null ? '' : `${normal.protocol}//${normal.hostname}${ports}`
  if (
    entry.length <= MAX_ORIGIN_LENGTH &&
    normal !== null &&
    !concrete.includes('*') &&
    normal.hostname !== '' &&
    written === concrete
  )
    return
  const hint =
    entry === 'null'
      ? 'for null there is nullOrigin'
      : entry === '*'
        ? "for any origin say '*' without a list"
        : 'write https://example.com, http://localhost:3000 or https://*.example.com: lower case, no path, no default port'
  throw new TypeError(`cors: origins: ${JSON.stringify(entry)} is no origin; ${hint}`)
}
