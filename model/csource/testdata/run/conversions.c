// Pointers as integers and back, void pointers, enums, typedefs, casts that
// cut, function pointers in arrays, K&R corner cases that drivers have.
void say(long long);
enum colour { RED, GREEN = 5, BLUE };
typedef unsigned long long ULONG_PTR_;
struct hdr { short type; unsigned short size; void *p; };
struct rec { long n; struct hdr h; struct { int in; } s[2]; };
#define RECORD(a, type, field) ((type *)((char *)(a) - (ULONG_PTR_)(&((type *)0)->field)))
#define OFFSET(type, field) ((long)(ULONG_PTR_)&(((type *)0)->field))

static int one(void) { return 1; }
static int two(void) { return 2; }
static int (*const ops[])(void) = { one, two };

static void *same(void *p) { return p; }
static void nothing(void) {}
static unsigned char cut(int v) { return (unsigned char)v; }
static _Bool truth(int v) { return v; }

int main(void) {
    struct rec r = { 1 };
    struct hdr *h = &r.h;
    enum colour c = BLUE;
    void *p = &r;
    unsigned int u;
    say(RECORD(h, struct rec, h) == &r); say(OFFSET(struct rec, h)); say(OFFSET(struct rec, s[1].in)); say(sizeof(struct rec));
    // want: 1 8 28 32
    say(c), say(c > GREEN), say((char)BLUE), say((int)(ULONG_PTR_)(void *)7);
    // want: 6 1 6 7
    say(((struct rec *)p)->n); say(same(p) == p); say((char *)h - (char *)&r); say(p != 0); say(p == (void *)0);
    // want: 1 1 8 1 0
    say(ops[0]() + ops[1]()); say(ops[r.n]()); nothing(); (void)one(); say(cut(0x1ff)); say(truth(256)); say(truth(0));
    // want: 3 2 255 1 0
    u = 0xffffffff; say(u); say((int)u); say(u + 1); say((long long)u + 1); say(-u); say((unsigned char)u); say((short)u);
    // want: 4294967295 -1 0 4294967296 1 255 -1
    r.h.size = 0xffff; r.h.type = -1; say(r.h.size == r.h.type); say((unsigned short)r.h.type == r.h.size); say(r.h.size++); say(r.h.size);
    // want: 0 1 65535 0
    p = (void *)~(ULONG_PTR_)0; say(p == (void *)-1); say((long long)p);
    // want: 1 -1
    if (p) say(1); if (!p) say(2); say(p && h); while (!h) ; say(p ? 3 : 4);
    // want: 1 1 3
    return 0;
}
