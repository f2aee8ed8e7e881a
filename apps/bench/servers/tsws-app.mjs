// What tsws does for each scenario, without its command line: a handler on the engine.
import { readFileSync } from 'node:fs'

/** The server of a spec, not listening yet. `tsws.root` is the checkout to take it from: `compare` runs two. */
export async function makeServer({ app, root, tsws }) {
  const load = loader(tsws)
  const [{ createServer }, { compose, respond }] = await Promise.all([load('engine'), load('http')])
  const notFound = () => respond.text('not found\n', { status: 404 })
  const apps = {
    hello: () => () => respond.text('Hello, World!'),
    echo: () => async (request) => respond.json(await request.json()),
    files: async () => compose([(await load('static')).serveStatic(root)], notFound),
    async compress() {
      const text = readFileSync(`${root}/text.txt`, 'utf8')
      return compose([(await load('compress')).compress()], () => respond.text(text))
    },
    'compress-json': () => compressJson({}),
    'compress-json-6': () => compressJson({ gzip: 6 }),
  }
  async function compressJson(levels) {
    const json = readFileSync(`${root}/data.json`, 'utf8')
    const { compress } = await load('compress')
    const headers = { 'Content-Type': 'application/json' }
    // Without a cache: each answer is compressed, as if it were another one.
    return compose([compress({ cache: false, levels })], () => respond.text(json, { headers }))
  }
  return createServer(await apps[app]())
}

/** Imports a package of that checkout. */
export function loader({ root, source }) {
  return (name) => import(`${root}/packages/${name}/${source ? 'src/index.ts' : 'dist/index.js'}`)
}
