"""What the two originals with a database share: flags, a pool, the query."""

import common

try:
  import aiomysql
  import pymysql
except ImportError:
  common.fail_without('python3-aiomysql')

MAX_POOL = 1000

# What a query raises.
Error = pymysql.MySQLError


def add_flags(parser):
  parser.add_argument('--mysql_socket', required=True, metavar='PATH',
                      help="the database's unix socket")
  parser.add_argument('--mysql_user', default='root', help='default root')
  parser.add_argument('--mysql_password', default='', help='default none')
  parser.add_argument('--mysql_pool', type=common.number_in(int, 1, MAX_POOL),
                      default=10, help='connections to it; default 10')


async def connect(args):
  """A pool that is connected; ends the program if it cannot be."""
  try:
    return await aiomysql.create_pool(
        unix_socket=args.mysql_socket, user=args.mysql_user,
        password=args.mysql_password, autocommit=True,
        minsize=args.mysql_pool, maxsize=args.mysql_pool)
  except (Error, OSError) as error:
    common.fail(2, f'--mysql_socket={args.mysql_socket}, '
                f'--mysql_user={args.mysql_user}: {error}; start a server '
                'there, or name another')


async def select_one(pool):
  """The answer of a database: 1."""
  async with pool.acquire() as connection:
    async with connection.cursor() as cursor:
      await cursor.execute('SELECT 1')
      return (await cursor.fetchone())[0]
