import { createServer, upgradeRequest } from '@tsws/engine'
import { respond } from '@tsws/http'
import { WebSocketServer } from 'ws'

const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo: ${data}`)))

export const server = createServer(() => respond.text('a page'), {
  upgrade: (request, socket, rest) =>
    sockets.handleUpgrade(upgradeRequest(request, socket), socket, Buffer.from(rest), (client, from) =>
      sockets.emit('connection', client, from),
    ),
})
