// One thread of the server pool: gets accepted sockets and serves them.
import { makeServer } from './tsws-app.mjs'

export async function startThread({ data }) {
  const server = await makeServer(data)
  return { connection: (socket) => server.serve(socket) }
}
