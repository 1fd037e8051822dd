// Memory: pointers, arrays, structures in structures, unions, bit-fields,
// addresses of locals, ++ and compound assignment through pointers, recursion.
void say(long long);

struct point { int x, y; };
struct box { struct point a, b; union { int i; unsigned char c[4]; } u; struct box *next; };
struct flags { unsigned a : 3; unsigned b : 5; int s : 4; unsigned big : 20; };

static struct box first, second;
static struct flags preset = { 5, 17, -3 }, *flags = &preset;
static int table[2][3];

static void swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }
static void move(struct point p, struct point *to) { p.x++; *to = p; }
static int sum(const int *p, int n) { return n ? *p + sum(p + 1, n - 1) : 0; }
static int area(struct box b) { b.a.x = b.a.x * b.b.y; return b.a.x; }
static struct point moved(struct point p, int by) { p.x += by; p.y -= by; return p; }

int main(void) {
    int x = 1, y = 2, *p = &x, **pp = &p;
    int a[5] = { 1, 2, 3 };
    char text[8] = "abc";
    struct box *b = &first;
    struct point here = { 3, 4 }, there;
    struct flags f = { 1 };
    swap(&x, &y); say(x); say(y); **pp = 9; say(x); *pp = &y; say(*p);
    // want: 2 1 9 1
    say(a[0] + a[4]); say(sum(a, 5)); p = a; say(*p++); say(*p); say(*++p); say((*p)++); say(*p); say(p - a); say(p[-1]); say(2[a]);
    // want: 1 6 1 2 3 3 4 2 2 4
    p = &a[1]; *p += 10; p[1] *= 3; say(a[1]); say(a[2]); say(p == a + 1), say(p > a), say(!p);
    // want: 12 12 1 1 0
    say(text[0]); say(text[3]); say(text[7]); say(sizeof text);
    // want: 97 0 0 8
    b->a.x = 3; b->b.y = 5; b->next = &second; b->next->a.y = 8; say(second.a.y); say(area(*b)); say(b->a.x); say(first.next == &second);
    // want: 8 15 3 1
    first.u.i = 0x01020304; say(first.u.c[0]); say(b->u.c[3]); b->u.c[1] = 0xff; say(first.u.i);
    // want: 4 1 16973572
    move(here, &there); say(here.x); say(there.x); say(there.y); here = there; say(here.x);
    // want: 3 4 4 4
    second = first; say(second.b.y); say(second.next == &second); (*b).b = here; say(b->b.x);
    // want: 5 1 4
    say(moved(here, 2).x); there = moved(here, 3); say(there.x); say(there.y);
    // want: 6 7 1
    say(f.a); say(f.b); f.b = 33; say(f.b); f.a += 9; say(f.a); f.s = -2; say(f.s); f.s = 9; say(f.s); f.big = 0x12345; say(f.big); say(f.a); f.a++; say(f.a);
    // want: 1 0 1 2 -2 -7 74565 2 3
    say(flags->a), say(preset.b), say(flags->s), say(preset.big);
    // want: 5 17 -3 0
    there = x > 100 ? here : (struct point){ 8, 9 }; say(there.x); there = (x = 5, here); say(there.x + x);
    // want: 8 9
    table[1][2] = 6; say(*(&table[0][0] + 5)); say((&table[1] - &table[0])); x = 1; say(table[x][x + 1]);
    // want: 6 1 6
    { int i = 3; int *q = &i; ++*q; (*q) <<= 2; say(i); say(i == *q); }
    // want: 16 1
    return 0;
}
