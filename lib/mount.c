/*
 * statfs(2), and a table of the file systems on which shared memory and
 * locks cannot be trusted. A new one is a line in the table; local ones are
 * not listed, so an unknown name is taken for a local file system.
 */
#include "mount.h"

#include <errno.h>
#include <sys/vfs.h>

/* Linux takes no longer one. */
#define PATH_SIZE 4096

/* statfs(2) and linux/magic.h name them; some only their own sources. */
static const uint32_t remote_types[] = {
    0x00006969, /* NFS */
    0x0000517b, /* SMB */
    0xff534d42, /* CIFS */
    0xfe534d42, /* SMB 2 and 3 */
    0x65735546, /* FUSE: sshfs, bindfs, virtiofs, gvfs, s3fs... */
    0x01021997, /* 9P, as virtual machines and containers use it */
    0x5346414f, /* AFS */
    0x6b414653, /* AFS of the kernel */
    0x73757245, /* Coda */
    0x0000564c, /* NetWare */
    0x00c36400, /* Ceph */
    0x01161970, /* GFS2: one file system of several machines, as the next */
    0x7461636f, /* OCFS2 */
    0x0bd00bd0, /* Lustre */
    0x47504653, /* GPFS */
    0x19830326, /* BeeGFS */
    0x20030528, /* OrangeFS */
    0x786f4256, /* VirtualBox shared folders */
    0xbacbacbc, /* VMware shared folders */
    0x00c0ffee, /* hostfs of User Mode Linux */
};

bool
mount_type_is_remote(uint32_t type)
{
    for (size_t i = 0; i < COUNT_OF(remote_types); i++)
        if (remote_types[i] == type)
            return true;
    return false;
}

/* "a/b" -> "a/", "/b" -> "/", "b" -> ".". False where it is too long. */
static bool
folder_of(const char *path, char folder[PATH_SIZE])
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;

    if (length >= PATH_SIZE)
        return false;
    memcpy(folder, length == 0 ? "." : path, length == 0 ? 1 : length);
    folder[length == 0 ? 1 : length] = '\0';
    return true;
}

bool
mount_is_remote(const char *path)
{
    char folder[PATH_SIZE];
    struct statfs found;

    if (statfs(path, &found) != 0) {
        if (errno != ENOENT || !folder_of(path, folder) ||
            statfs(folder, &found) != 0)
            return true;
    }
    return mount_type_is_remote((uint32_t)found.f_type);
}
