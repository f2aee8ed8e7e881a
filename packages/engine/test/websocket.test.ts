import { respond } from '@tsws/http'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { upgradeRequest } from '../src/index.ts'
import { start } from './start.ts'

test('ws in noServer mode speaks over an upgraded connection, with the WebSocket client of Node', async () => {
  const sockets = new WebSocketServer({ noServer: true })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data.toString()}`)))
  await using started = await start(() => respond.text('no socket here'), {
    upgrade: (request, socket, rest) => {
      sockets.handleUpgrade(upgradeRequest(request, socket), socket, Buffer.from(rest), (client, from) =>
        sockets.emit('connection', client, from),
      )
    },
  })
  const client = new WebSocket(`ws://127.0.0.1:${started.port}/chat`)
  const answer = await new Promise<unknown>((resolve, reject) => {
    client.addEventListener('open', () => client.send('hello'))
    client.addEventListener('message', (event) => resolve(event.data))
    client.addEventListener('error', () => reject(new Error('the WebSocket failed')))
  })
  expect(answer).toBe('echo hello')
  client.close()
  sockets.close()
})
