// tsws without its command line: a handler on the engine. `tsws.root` is the checkout to take it from, so that
// `compare` runs two of them with the same program.
import { readFileSync } from 'node:fs'

const { app, port, root, cert, key, tsws } = JSON.parse(process.env.BENCH_SERVER)
const load = (name) =>
  import(`${tsws.root}/packages/${name}/${tsws.source ? 'src/index.ts' : 'dist/index.js'}`)
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
}

const server = createServer(await apps[app]())
if (cert) {
  const { createTlsListener } = await load('tls')
  const listener = createTlsListener({ cert, key })
  server.addListener(listener)
  listener.server.listen({ port, host: '127.0.0.1', backlog: 1024 })
} else {
  await server.listen({ port, host: '127.0.0.1', backlog: 1024 })
}
