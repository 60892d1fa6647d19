/*
 * Makes the memory calls of a list on the kernel it runs on, and times only them:
 *
 *     driver calls COUNT < list   the calls of the list, one a line
 *     driver move BYTES           so much populated memory moved to and fro, one page off
 *
 * A line of the list is the name of a call and its arguments in hexadecimal. Printed is the processor
 * time in microseconds, then what every call returned, errno where it failed as a negative number.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE 4096UL
#define MOVES 21

struct call {
	char name;
	unsigned long a, b, c, d, e;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static long make(const struct call *c)
{
	switch (c->name) {
	case 'm': return (long)mmap((void *)c->a, c->b, c->c, c->d, -1, 0);
	case 'u': return munmap((void *)c->a, c->b);
	case 'p': return mprotect((void *)c->a, c->b, c->c);
	case 'a': return madvise((void *)c->a, c->b, c->c);
	default: return (long)mremap((void *)c->a, c->b, c->c, c->d, (void *)c->e);
	}
}

static int make_calls(size_t room)
{
	struct call *calls = calloc(room, sizeof *calls);
	long *results = calloc(room, sizeof *results);
	char name[16];
	size_t n = 0;

	if (!calls || !results) return 1;
	while (n < room && scanf("%15s %lx %lx %lx %lx %lx", name, &calls[n].a, &calls[n].b, &calls[n].c, &calls[n].d, &calls[n].e) == 6) {
		/* madvise and munmap differ from mmap and mremap in their second letter. */
		calls[n].name = !strcmp(name, "mmap") ? 'm' : !strcmp(name, "munmap") ? 'u' : !strcmp(name, "mprotect") ? 'p' : !strcmp(name, "madvise") ? 'a' : 'r';
		n++;
	}
	double start = now();
	for (size_t i = 0; i < n; i++) {
		long r = make(&calls[i]);
		results[i] = r == -1 ? -errno : r;
	}
	printf("%.0f\n", now() - start);
	for (size_t i = 0; i < n; i++) printf("%ld\n", results[i]);
	return 0;
}

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

/* The median of moves to and fro: PTE by PTE, for source and destination are never aligned alike. */
static int move(unsigned long bytes)
{
	unsigned long a = 1UL << 42, b = (1UL << 43) + PAGE;
	double times[MOVES];
	void *p = mmap((void *)a, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (p == MAP_FAILED || madvise(p, bytes, MADV_NOHUGEPAGE)) return 1;
	memset(p, 1, bytes);
	for (int i = 0; i < MOVES; i++) {
		unsigned long from = i % 2 ? b : a, to = i % 2 ? a : b;
		double start = now();
		if (mremap((void *)from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to) == MAP_FAILED) return 1;
		times[i] = now() - start;
	}
	qsort(times, MOVES, sizeof *times, by_value);
	printf("%.1f\n", times[MOVES / 2]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "calls")) return make_calls(strtoul(argv[2], 0, 10));
	if (argc == 3 && !strcmp(argv[1], "move")) return move(strtoul(argv[2], 0, 10));
	fprintf(stderr, "usage: driver calls COUNT < list | driver move BYTES\n");
	return 2;
}
