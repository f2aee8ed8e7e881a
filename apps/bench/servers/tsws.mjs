// The bare tsws of the tables: on TCP, on TLS, or spread over threads.
import { loader, makeServer } from './tsws-app.mjs'

const spec = JSON.parse(process.env.BENCH_SERVER)
const where = { port: spec.port, host: '127.0.0.1', backlog: 1024 }
const load = loader(spec.tsws)

if (spec.workers > 1) {
  const { ServerPool } = await load('pool')
  const listen = { ...where, noDelay: true, allowHalfOpen: true }
  await ServerPool.start(new URL('./tsws-thread.mjs', import.meta.url), {
    listen,
    threads: spec.workers,
    data: spec,
  })
} else {
  const server = await makeServer(spec)
  if (spec.cert) {
    const { createTlsListener } = await load('tls')
    const listener = createTlsListener({ cert: spec.cert, key: spec.key })
    server.addListener(listener)
    listener.server.listen(where)
  } else {
    await server.listen(where)
  }
}
