#!/usr/bin/python3 -B
"""Tornado and aiomysql: a database is asked for each request.

  tools/compare/originals/tornado_aiomysql.py --mysql_socket=/run/mysqld.sock
  ab -n 10000 -c 10 http://127.0.0.1:8080/     answers 1, from SELECT 1

After the article that measures hello-world HTTP servers in Python with this
command: 680 requests a second with the query. (Its client of the database is
not known; Tornado's loop is asyncio's today, so aiomysql it is here.)
"""

import common
import mysql_pool
from tornado_hello import PlainHandler, http_server


class QueryHandler(PlainHandler):

  async def get(self):
    try:
      value = await mysql_pool.select_one(self.settings['pool'])
      self.write(f'{value}\n')
    except mysql_pool.Error as error:
      self.set_status(503)
      self.write(f'{error}\n')


async def serve(listener, args):
  server = http_server(QueryHandler, pool=await mysql_pool.connect(args))
  server.add_socket(listener)
  return server


def main():
  parser = common.make_parser(__doc__)
  mysql_pool.add_flags(parser)
  common.run_asyncio(serve, parser.parse_args())


if __name__ == '__main__':
  main()
