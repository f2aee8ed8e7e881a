/** A key of the configuration file. */
export interface Key {
  /** An option of the command line, of `serveStatic`, or of `startServer`. */
  readonly part: 'option' | 'static' | 'server'
  readonly refuse: Refuse
}

/** Null for a value of the right kind, otherwise what was expected. What it may say is for its package to judge. */
type Refuse = (value: unknown) => string | null

const text: Refuse = (value) => (typeof value === 'string' && value !== '' ? null : 'a text')
const number: Refuse = (value) => (typeof value === 'number' ? null : 'a number')
const flag: Refuse = (value) => (typeof value === 'boolean' ? null : 'true or false')
const texts: Refuse = (value) =>
  Array.isArray(value) && value.every((one) => text(one) === null) ? null : 'a list of texts'
const table: Refuse = (value) => (isTable(value) ? null : 'a table')
const tables: Refuse = (value) =>
  Array.isArray(value) && value.every(isTable) ? null : 'a list of tables, each begun by a line [[…]]'
const either =
  (...kinds: readonly Refuse[]): Refuse =>
  (value) => {
    const refusals = kinds.map((refuse) => refuse(value))
    return refusals.includes(null) ? null : refusals.join(', or ')
  }

export function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

const option = (refuse: Refuse): Key => ({ part: 'option', refuse })
const site = (refuse: Refuse): Key => ({ part: 'static', refuse })
const server = (refuse: Refuse): Key => ({ part: 'server', refuse })

/** Every key there is. Without a prototype: `constructor` is none. */
export const KEYS: Readonly<Record<string, Key>> = Object.assign(Object.create(null), {
  root: option(text),
  port: option(number),
  host: option(text),
  use: option(texts),
  log: option(text),
  tls: option(flag),
  tlsNames: option(texts),
  tlsCert: option(text),
  tlsKey: option(text),
  tlsClientCa: option(text),
  redirectPort: option(number),
  redirectToPort: option(number),
  acmeWebroot: option(text),
  threads: option(either(number, text)),
  threadStrategy: option(text),
  spa: option(either(flag, text)),
  cleanUrls: option(flag),
  base: option(text),
  listing: option(flag),
  immutable: option(flag),
  compress: option(flag),
  compressCache: option(text),
  decodeRequests: option(flag),
  metrics: option(flag),
  metricsPath: option(text),
  metricsFrom: option(texts),
  auth: option(table),
  authFile: option(text),
  cors: option(either(flag, text, texts, table)),
  index: site(either(text, flag)),
  notFoundPage: site(either(text, flag)),
  archives: site(either(texts, flag)),
  dotfiles: site(text),
  followSymlinks: site(flag),
  precompressed: site(either(texts, flag)),
  cache: site(either(table, flag)),
  revalidateInterval: site(number),
  cacheControl: site(either(tables, text, flag)),
  headers: site(tables),
  mediaTypes: site(table),
  errorPage: server(either(text, flag)),
  securityHeaders: server(either(table, flag)),
  allowedHosts: server(texts),
  trustedProxies: server(texts),
  health: server(flag),
  rateLimit: server(either(table, flag)),
} satisfies Record<string, Key>)
