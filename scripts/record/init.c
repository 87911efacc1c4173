/*
 * The init of a recording machine: runs /programs, one operation at a time, each process of a program in a process of its own,
 * and tells on the console what user space sees after each. Lines, numbers in hexadecimal but for those of operations:
 *   P id                            a program begins
 *   S return errno value            an operation was run, or skipped: "S skip"
 *   O process page pagemap count flags    a page as it is now, if that is new; count and flags of its frame, if it is present
 *   M process start end perms ...   the mappings of a process, if they are new
 *   X process                       a process is gone
 *   E                               the program is over
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
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
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define REGION 0x200000000UL /* page 0: aligned to every huge page there is */
#define REGION_END (REGION + 0x180000000UL)
enum { PROCESSES = 6, SLOTS = 8, OBSERVED = 32, ARGS = 5, NUMBERS = PROCESSES * OBSERVED };

struct command { char name[16]; long args[ARGS]; };
struct result { long code; int error, value; };
struct frame { uint64_t entry, count, flags; };
/* Something that keeps pages: a pipe that they were spliced into, or registered buffers. */
struct pin { enum { NOTHING, PIPE, RING } kind; int fds[2]; };

static long page_size;
static int commands[PROCESSES][2], results[PROCESSES][2];
static struct pin pins[SLOTS];
static sigjmp_buf faulted;
static int console;

static void *at(long page) { return (void *)(REGION + (uint64_t)page * page_size); }

static void say(const char *format, ...)
{
	static char text[1 << 16];
	va_list args;
	va_start(args, format);
	int left = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (char *from = text; left > 0;) {
		int done = write(console, from, left);
		if (done <= 0)
			return;
		from += done;
		left -= done;
	}
}

static void set(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		say("# %s: %s\n", file, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static long number_in(const char *file)
{
	char text[32] = "";
	int fd = open(file, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
		say("# %s: %s\n", file, strerror(errno));
	if (fd >= 0)
		close(fd);
	return atol(text);
}

/* ---- the processes of a program ---- */

static void on_fault(int signal) { siglongjmp(faulted, signal); }

static struct result access_page(long page, int write, int value)
{
	int signal = sigsetjmp(faulted, 1);
	if (signal)
		return (struct result){ -1, 1000 + signal, -1 };
	volatile unsigned char *byte = at(page);
	if (write)
		*byte = value;
	return (struct result){ 0, 0, write ? -1 : *byte };
}

static void let_go(struct pin *pin)
{
	if (pin->kind == RING)
		syscall(SYS_io_uring_register, pin->fds[0], IORING_UNREGISTER_BUFFERS, 0, 0);
	close(pin->fds[0]);
	if (pin->kind == PIPE)
		close(pin->fds[1]);
	pin->kind = NOTHING;
}

/* Keeps pages in a slot; what could not be kept is let go, and the error is that of the attempt. */
static long keep(struct pin *pin, int kind, long page, long pages)
{
	struct iovec range = { at(page), pages * page_size };
	if (pin->kind != NOTHING)
		return errno = EBUSY, -1;
	if (kind == PIPE ? pipe(pin->fds) : (pin->fds[0] = syscall(SYS_io_uring_setup, 1, &(struct io_uring_params){ 0 })) < 0)
		return -1;
	pin->kind = kind;
	long done = kind == PIPE ? vmsplice(pin->fds[1], &range, 1, 0)
				 : syscall(SYS_io_uring_register, pin->fds[0], IORING_REGISTER_BUFFERS, &range, 1);
	int error = errno;
	if (done == (kind == PIPE ? page_size : 0))
		return 0;
	let_go(pin);
	errno = error;
	return -1;
}

static struct result move(long page, long pages, int node)
{
	void *addresses[64];
	int nodes[64], status[64];
	if (pages > 64)
		pages = 64;
	for (int i = 0; i < pages; i++) {
		addresses[i] = at(page + i);
		nodes[i] = node;
		status[i] = -999;
	}
	long code = syscall(SYS_move_pages, 0, pages, addresses, nodes, status, 2 /* MPOL_MF_MOVE */);
	return (struct result){ code, code < 0 ? errno : 0, status[0] };
}

static struct result plain(long code) { return (struct result){ code < 0 ? -1 : code, code < 0 ? errno : 0, -1 }; }
static struct result placed(void *where) { return plain(where == MAP_FAILED ? -1 : 0); }

static struct result run(const struct command *c)
{
	const long *a = c->args;
	size_t bytes = a[1] * page_size;
	errno = 0;
	if (!strcmp(c->name, "mmap"))
		return placed(mmap(at(a[0]), bytes, a[3], MAP_ANONYMOUS | MAP_FIXED | (a[2] ? MAP_SHARED : MAP_PRIVATE), -1, 0));
	if (!strcmp(c->name, "munmap"))
		return plain(munmap(at(a[0]), bytes));
	if (!strcmp(c->name, "write"))
		return access_page(a[0], 1, a[1]);
	if (!strcmp(c->name, "read"))
		return access_page(a[0], 0, 0);
	if (!strcmp(c->name, "mprotect"))
		return plain(mprotect(at(a[0]), bytes, a[2]));
	if (!strcmp(c->name, "madvise"))
		return plain(madvise(at(a[0]), bytes, a[2]));
	if (!strcmp(c->name, "mremap"))
		return placed(mremap(at(a[0]), bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED | (a[3] ? MREMAP_DONTUNMAP : 0), at(a[2])));
	if (!strcmp(c->name, "mlock"))
		return plain(mlock(at(a[0]), bytes));
	if (!strcmp(c->name, "munlock"))
		return plain(munlock(at(a[0]), bytes));
	if (!strcmp(c->name, "move"))
		return move(a[0], a[1], a[2]);
	if (!strcmp(c->name, "vmsplice"))
		return plain(keep(&pins[a[0]], PIPE, a[1], 1));
	if (!strcmp(c->name, "upin"))
		return plain(keep(&pins[a[0]], RING, a[1], a[2]));
	if (!strcmp(c->name, "unpin")) {
		if (pins[a[0]].kind == NOTHING)
			return errno = EINVAL, plain(-1);
		return let_go(&pins[a[0]]), plain(0);
	}
	return errno = ENOSYS, plain(-1);
}

/* A child has none of the pins of its parent, whose files it closes. */
static void forget_pins(void)
{
	for (int i = 0; i < SLOTS; i++) {
		if (pins[i].kind != NOTHING)
			close(pins[i].fds[0]);
		if (pins[i].kind == PIPE)
			close(pins[i].fds[1]);
		pins[i].kind = NOTHING;
	}
}

static void serve(int process)
{
	pid_t self = getpid();
	for (struct command c;;) {
		if (write(results[process][1], &self, sizeof self) != sizeof self)
			_exit(1);
		while (read(commands[process][0], &c, sizeof c) == sizeof c) {
			struct result result;
			if (!strcmp(c.name, "exit")) {
				for (int i = 0; i < SLOTS; i++)
					if (pins[i].kind == RING)
						let_go(&pins[i]);
				_exit(0);
			}
			if (!strcmp(c.name, "fork")) {
				pid_t child = fork();
				if (child == 0) {
					forget_pins();
					process = c.args[0];
					self = getpid();
					break;
				}
				result = plain(child < 0 ? -1 : 0);
			} else {
				result = run(&c);
			}
			if (write(results[process][1], &result, sizeof result) != sizeof result)
				_exit(1);
		}
	}
}

/* ---- who runs and looks at them ---- */

static struct process { pid_t pid; int pidfd, pagemap; char mappings[8192]; } processes[PROCESSES];
static struct frame seen[PROCESSES][OBSERVED];
static long observed[OBSERVED];
static int observed_count, kpagecount, kpageflags, numa;
static void *own_page;

static int hear(int process, void *into, size_t size)
{
	struct pollfd ready = { results[process][0], POLLIN, 0 };
	return poll(&ready, 1, 20000) == 1 && read(ready.fd, into, size) == (ssize_t)size ? 0 : -1;
}

static int welcome(int k)
{
	char file[64];
	struct process *p = &processes[k];
	if (hear(k, &p->pid, sizeof p->pid))
		return say("# process %d did not start\n", k), p->pid = 0, -1;
	snprintf(file, sizeof file, "/proc/%d/pagemap", p->pid);
	p->pagemap = open(file, O_RDONLY);
	p->pidfd = syscall(SYS_pidfd_open, p->pid, 0);
	p->mappings[0] = 0;
	for (int i = 0; i < OBSERVED; i++)
		seen[k][i].entry = -1;
	return 0;
}

static void dismiss(int k)
{
	struct command c = { .name = "exit" };
	struct pollfd gone = { processes[k].pidfd, POLLIN, 0 };
	if (write(commands[k][1], &c, sizeof c) != sizeof c || poll(&gone, 1, 20000) != 1)
		kill(processes[k].pid, SIGKILL), poll(&gone, 1, 20000);
	close(processes[k].pagemap);
	close(processes[k].pidfd);
	processes[k].pid = 0;
	say("X %d\n", k);
}

/* What is in per-CPU batches of the LRU gets to its list: by moving a page, or where there is no NUMA by locking one. */
static void drain(void)
{
	int node = 0, status;
	if (numa) {
		syscall(SYS_move_pages, 0, 1L, &own_page, &node, &status, 2);
	} else {
		mlock(own_page, page_size);
		munlock(own_page, page_size);
	}
}

static struct frame look(int k, long page)
{
	struct frame f = { 0 };
	(void)!pread(processes[k].pagemap, &f.entry, 8, (REGION / page_size + page) * 8);
	if (f.entry >> 63) {
		uint64_t pfn = f.entry & ((1UL << 55) - 1);
		(void)!pread(kpagecount, &f.count, 8, pfn * 8);
		(void)!pread(kpageflags, &f.flags, 8, pfn * 8);
	}
	return f;
}

static void list_mappings(int k)
{
	static char maps[1 << 16], text[8192];
	int fd, length = 0, done, used = 0;
	snprintf(text, sizeof text, "/proc/%d/maps", processes[k].pid);
	fd = open(text, O_RDONLY);
	while (fd >= 0 && (done = read(fd, maps + length, sizeof maps - 1 - length)) > 0)
		length += done;
	close(fd);
	maps[length] = 0;
	text[0] = 0;
	for (char *line = strtok(maps, "\n"); line; line = strtok(0, "\n")) {
		unsigned long start, end;
		char perms[8];
		if (sscanf(line, "%lx-%lx %5s", &start, &end, perms) == 3 && start >= REGION && start < REGION_END)
			used += snprintf(text + used, sizeof text - used, " %lx %lx %s", (start - REGION) / page_size, (end - REGION) / page_size, perms);
	}
	if (strcmp(text, processes[k].mappings) == 0 && processes[k].mappings[0])
		return;
	strcpy(processes[k].mappings, used ? text : " ");
	say("M %d%s\n", k, text);
}

static void observe(void)
{
	for (int k = 0; k < PROCESSES; k++) {
		if (!processes[k].pid)
			continue;
		for (int i = 0; i < observed_count; i++) {
			struct frame now = look(k, observed[i]);
			if (memcmp(&now, &seen[k][i], sizeof now) == 0)
				continue;
			seen[k][i] = now;
			say("O %d %lx %lx %lx %lx\n", k, observed[i], now.entry, now.count, now.flags);
		}
		list_mappings(k);
	}
}

static struct result clear_soft_dirty(int k)
{
	char file[64];
	snprintf(file, sizeof file, "/proc/%d/clear_refs", processes[k].pid);
	int fd = open(file, O_WRONLY), good = write(fd, "4", 1) == 1, error = errno;
	close(fd);
	return (struct result){ good ? 0 : -1, good ? 0 : error, -1 };
}

static struct result three_scans(void)
{
	const char *scans = "/sys/kernel/mm/ksm/full_scans";
	long first = number_in(scans), now = first;
	set("/sys/kernel/mm/ksm/run", "1");
	for (int i = 0; i < 3000 && (now = number_in(scans)) < first + 3; i++)
		usleep(1000);
	set("/sys/kernel/mm/ksm/run", "0");
	return (struct result){ now >= first + 3 ? 0 : -1, 0, -1 };
}

static struct result command(int k, struct command *c)
{
	struct result result = { -1, 9999, -1 };
	if (!strcmp(c->name, "clearsd"))
		return clear_soft_dirty(k);
	if (!strcmp(c->name, "ksm"))
		return three_scans();
	if (!strcmp(c->name, "exit"))
		return dismiss(k), (struct result){ 0, 0, -1 };
	if (write(commands[k][1], c, sizeof *c) != sizeof *c || hear(k, &result, sizeof result))
		say("# process %d does not answer\n", k);
	else if (!strcmp(c->name, "fork") && result.code == 0)
		welcome(c->args[0]);
	return result;
}

static void begin(char *header)
{
	strtok(header, " ");
	char *id = strtok(0, " "), *page;
	observed_count = 0;
	while ((page = strtok(0, " ")) && observed_count < OBSERVED)
		observed[observed_count++] = atol(page);
	for (int k = 0; k < PROCESSES; k++)
		if (pipe(commands[k]) || pipe(results[k]))
			say("# no pipes\n");
	say("P %s\n", id);
	if (fork() == 0)
		serve(0);
	welcome(0);
}

static void end(void)
{
	for (int k = PROCESSES - 1; k >= 0; k--) {
		if (processes[k].pid)
			dismiss(k);
		for (int i = 0; i < 2; i++)
			close(commands[k][i]), close(results[k][i]);
	}
	say("E\n");
}

static void operation(const char *line)
{
	struct command c = { 0 };
	int k = 0;
	long *a = c.args;
	sscanf(line, "%15s %d %ld %ld %ld %ld %ld", c.name, &k, a, a + 1, a + 2, a + 3, a + 4);
	if (k < 0 || k >= PROCESSES || !processes[k].pid) {
		say("S skip\n");
		return;
	}
	struct result result = command(k, &c);
	drain();
	say("S %ld %d %d\n", result.code, result.error, result.value);
	observe();
}

int main(void)
{
	const char *mounts[][2] = { { "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" } };
	for (int i = 0; i < 3; i++)
		mkdir(mounts[i][1], 0755), mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, 0);
	console = open("/dev/console", O_RDWR);
	struct termios raw;
	if (tcgetattr(console, &raw) == 0)
		cfmakeraw(&raw), tcsetattr(console, TCSANOW, &raw);
	page_size = sysconf(_SC_PAGESIZE);
	cpu_set_t first;
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof first, &first);
	set("/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs", "4000000000");
	set("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	set("/sys/kernel/mm/transparent_hugepage/defrag", "madvise");
	set("/sys/kernel/mm/ksm/sleep_millisecs", "0");
	set("/sys/kernel/mm/ksm/pages_to_scan", "10000");
	set("/proc/sys/vm/compaction_proactiveness", "0");
	kpagecount = open("/proc/kpagecount", O_RDONLY);
	kpageflags = open("/proc/kpageflags", O_RDONLY);
	own_page = mmap(0, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*(volatile char *)own_page = 1;
	int node = 0, status;
	numa = syscall(SYS_move_pages, 0, 1L, &own_page, &node, &status, 2) == 0;
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	sigaction(SIGSEGV, &fault, 0);
	sigaction(SIGBUS, &fault, 0);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	say("# page size %ld\n", page_size);

	static char text[1 << 12];
	FILE *programs = fopen("/programs", "r");
	while (programs && fgets(text, sizeof text, programs)) {
		text[strcspn(text, "\n")] = 0;
		if (text[0] == 'P')
			begin(text);
		else if (text[0] == 'E')
			end();
		else
			operation(text);
	}
	say("# done\n");
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
