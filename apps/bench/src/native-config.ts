import type { ServerSpec } from './peers.ts'

/**
 * nginx at its best for each job: no log, sendfile, open files cached, keep-alive without an end.
 * Its own defaults would close a connection after 1000 requests and open the file anew each time.
 */
export function nginxConf(spec: ServerSpec, prefix: string): string {
  const tls = spec.cert === undefined ? '' : ' ssl'
  const http2 = spec.http2 ? ' http2' : ''
  const hello = `location = /hello.txt { default_type "text/plain; charset=utf-8"; return 200 "Hello, World!"; }`
  const compress = `gzip on; gzip_min_length 0; gzip_types text/plain; gzip_vary on;`
  // Its default is level 1. The buffers hold an answer whole.
  const json = `gzip on; gzip_comp_level 6; gzip_min_length 0; gzip_types application/json; gzip_buffers 32 4k;`
  return `daemon off;
user root;
worker_processes ${spec.workers};
worker_rlimit_nofile 20000;
pid ${prefix}/nginx.pid;
error_log stderr error;
events { worker_connections 19000; multi_accept on; }
http {
  access_log off;
  log_not_found off;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  types { text/plain txt; application/json json; application/octet-stream bin; }
  charset utf-8;
  keepalive_timeout 75s;
  keepalive_requests 1000000000;
  open_file_cache max=4000 inactive=60s;
  open_file_cache_valid 30s;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${prefix}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${spec.port}${tls}${http2} backlog=1024 reuseport;
    ${spec.cert === undefined ? '' : `ssl_certificate ${spec.cert}; ssl_certificate_key ${spec.key}; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:bench:10m;`}
    root ${spec.root};
    gzip_static on;
    ${spec.app === 'hello' ? hello : ''}
    ${spec.app === 'compress' ? compress : ''}
    ${spec.app.startsWith('compress-json') ? json : ''}
  }
}
`
}

/** Caddy without its admin endpoint, certificates of its own and redirects. */
export function caddyfile(spec: ServerSpec): string {
  const scheme = spec.cert === undefined ? 'http' : 'https'
  const apps = {
    hello: 'header Content-Type "text/plain; charset=utf-8"\n  respond "Hello, World!"',
    echo: '',
    'compress-json': '',
    'compress-json-6': '',
    files: `root * ${spec.root}\n  file_server {\n    precompressed br gzip\n  }`,
    compress: `root * ${spec.root}\n  encode gzip\n  file_server`,
  }
  return `{
  admin off
  auto_https off
  servers {
    protocols ${spec.cert === undefined ? (spec.http2 ? 'h1 h2c' : 'h1') : spec.http2 ? 'h1 h2' : 'h1'}
  }
  log {
    level ERROR
  }
}
${scheme}://127.0.0.1:${spec.port} {
  bind 127.0.0.1
  ${spec.cert === undefined ? '' : `tls ${spec.cert} ${spec.key}`}
  ${apps[spec.app]}
}
`
}
