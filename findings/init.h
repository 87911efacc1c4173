/* What the programs of findings share: they are the init of a machine of their own, say lines, and look at their own pages. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HUGE (2UL << 20)
#define PAGE 4096UL
#define REGION ((char *)0x200000000UL)

static void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	printf("\n> ");
	vprintf(format, args);
	printf("\n");
	fflush(stdout);
	va_end(args);
}

static int put(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY), good = fd >= 0 && write(fd, value, strlen(value)) >= 0;
	if (fd >= 0)
		close(fd);
	return good ? 0 : -errno;
}

static uint64_t word(const char *file, uint64_t at)
{
	uint64_t value = 0;
	int fd = open(file, O_RDONLY);
	if (pread(fd, &value, 8, at * 8) != 8)
		say("%s: %s", file, strerror(errno));
	close(fd);
	return value;
}

static inline uint64_t pagemap(const void *address) { return word("/proc/self/pagemap", (uintptr_t)address / PAGE); }
static inline uint64_t kpageflags(const void *address) { return word("/proc/kpageflags", pagemap(address) & ((1UL << 55) - 1)); }

static inline char *anonymous(size_t bytes, int huge)
{
	char *region = mmap(REGION, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	madvise(region, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return region;
}

static void finding(void);

int main(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, 0);
	mount("sysfs", "/sys", "sysfs", 0, 0);
	put("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	put("/sys/kernel/mm/transparent_hugepage/defrag", "madvise");
	finding();
	reboot(RB_POWER_OFF);
	return 0;
}
