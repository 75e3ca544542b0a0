/*
 * Which file systems are trusted with shared memory. The answers for real
 * folders differ from machine to machine, so the table is tried by number.
 */
#include "mount.h"

#include "tap.h"

static const struct {
    const char *name;
    uint32_t type;
    bool remote;
} cases[] = {
    { "ext4", 0xef53, false },
    { "xfs", 0x58465342, false },
    { "btrfs", 0x9123683e, false },
    { "tmpfs", 0x01021994, false },
    { "overlayfs", 0x794c7630, false },
    { "zfs", 0x2fc12fc1, false },
    { "NFS", 0x6969, true },
    { "SMB", 0x517b, true },
    { "CIFS", 0xff534d42, true },
    { "SMB 2", 0xfe534d42, true },
    { "FUSE", 0x65735546, true },
    { "9P", 0x01021997, true },
    { "Ceph", 0x00c36400, true },
    { "AFS", 0x5346414f, true },
};

int
main(void)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ok(mount_type_is_remote(cases[i].type) == cases[i].remote, "%s is %s",
           cases[i].name, cases[i].remote ? "remote" : "local");
    ok(mount_is_remote("/no-such-folder/x/y"),
       "what cannot be asked is taken for remote");
    is_int(mount_is_remote("/proc/no-such-file"), mount_is_remote("/proc"),
           "a missing file is where its folder is");
    is_int(mount_is_remote("no-such-file"), mount_is_remote("."),
           "a bare name is in the working folder");
    return done();
}
