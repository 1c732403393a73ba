"""Makes rows of servers in Nova's databases, as many as told, each a copy of one that the project has, and takes them away.

Arguments: add PROJECT N, or remove. To be run by root where the databases are.
"""
import sys
import uuid

import pymysql

NAME, HOST = "fill-", "plaza-bench-rows"
TABLES = ("instance_extra", "instance_info_caches", "instance_metadata", "instance_system_metadata", "block_device_mapping")


def rows(cursor, table, key, value):
    cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", (value,))
    return cursor.fetchall()


def insert(cursor, table, row, **changed):
    row = {name: value for name, value in {**row, **changed}.items() if name != "id"}
    names = ", ".join(f"`{name}`" for name in row)
    cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values()))


def add(cursor, project, count):
    cursor.execute("SELECT * FROM nova.instances WHERE project_id = %s AND deleted = 0 AND vm_state = 'active' LIMIT 1", (project,))
    model = cursor.fetchone()
    parts = {table: rows(cursor, "nova." + table, "instance_uuid", model["uuid"]) for table in TABLES}
    mapping = rows(cursor, "nova_api.instance_mappings", "instance_uuid", model["uuid"])[0]
    for i in range(count):
        new = str(uuid.uuid4())
        # No service of that name looks after them.
        insert(cursor, "nova.instances", model, uuid=new, display_name=f"{NAME}{i}", hostname=f"{NAME}{i}", host=HOST, node=HOST)
        for table, found in parts.items():
            for row in found:
                own = {"uuid": str(uuid.uuid4())} if "uuid" in row else {}
                insert(cursor, "nova." + table, row, instance_uuid=new, **own)
        insert(cursor, "nova_api.instance_mappings", mapping, instance_uuid=new)


def remove(cursor):
    cursor.execute("SELECT uuid FROM nova.instances WHERE host = %s", (HOST,))
    uuids = [row["uuid"] for row in cursor.fetchall()]
    if not uuids:
        return
    for table in [*("nova." + t for t in TABLES), "nova_api.instance_mappings"]:
        cursor.execute(f"DELETE FROM {table} WHERE instance_uuid IN %s", (uuids,))
    cursor.execute("DELETE FROM nova.instances WHERE uuid IN %s", (uuids,))


with pymysql.connect(unix_socket="/run/mysqld/mysqld.sock", user="root", cursorclass=pymysql.cursors.DictCursor) as connection:
    with connection.cursor() as cursor:
        if sys.argv[1] == "add":
            add(cursor, sys.argv[2], int(sys.argv[3]))
        else:
            remove(cursor)
    connection.commit()
