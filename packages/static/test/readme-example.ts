import { compose, respond } from '@tsws/http'
import { serveStatic } from '@tsws/static'

const site = serveStatic('./public', {
  cleanUrls: true,
  notFoundPage: '404.html',
  headers: [{ path: '/downloads/*', headers: { 'Content-Disposition': 'attachment' } }],
})

export const handler = compose([site], () => respond.text('Not Found\n', { status: 404 }))
