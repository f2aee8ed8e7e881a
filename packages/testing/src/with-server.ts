import type { AddressInfo, Server } from 'node:net'

/** What a started server must at least offer; `port` is where it listens. */
export interface StartedServer {
  readonly port: number
  close(): Promise<unknown>
}

/** Starts a server, hands it to the test, and closes it whatever the test does. */
export async function withServer<S extends StartedServer, T>(
  start: () => S | Promise<S>,
  use: (server: S) => T | Promise<T>,
): Promise<T> {
  const server = await start()
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

/** Listens on a free port of the loopback address with a plain `net.Server` or `tls.Server`. */
export async function listenOnFreePort(server: Server): Promise<StartedServer> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ host: '127.0.0.1', port: 0 }, resolve)
  await promise
  server.off('error', reject)
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((done) => server.close(done)),
  }
}
