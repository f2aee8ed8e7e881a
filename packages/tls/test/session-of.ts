import { once } from 'node:events'
import tls from 'node:tls'

/** The session that a server gives a client, to come back with. */
export async function sessionOf(port: number, options: tls.ConnectionOptions): Promise<Buffer> {
  const client = tls.connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    rejectUnauthorized: false,
    ...options,
  })
  client.resume()
  const [session] = (await once(client, 'session')) as [Buffer]
  client.destroy()
  return session
}
