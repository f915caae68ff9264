"""Passwords too many people choose: letters and digits only, lower case, without accents, 8 signs or more.

Chosen by hand from what published lists of leaked passwords have in common, and from what an office in
Ecuador would type. Runs such as 12345678 and repetitions need no entry: a rule finds them.
"""

_TABLE = """
password password1 password12 password123 password1234 password01 password2024 password2025 password2026
passw0rd passw0rd1 pa55word pa55w0rd p4ssword p4ssw0rd mypassword thepassword newpassword changeme1
changeme123 letmein1 letmein123 welcome1 welcome12 welcome123 welcome2024 welcome2025 iloveyou iloveyou1
iloveyou2 iloveyou123 sunshine sunshine1 princess princess1 football football1 baseball baseball1
basketball superman superman1 batman123 spiderman starwars starwars1 pokemon1 pokemon123 charlie1
michael1 jennifer jessica1 jordan23 michelle danielle ashley123 whatever trustno1 computer computer1
internet internet1 samsung1 samsung123 motorola blink182 liverpool liverpool1 chelsea1 arsenal1
manchester mercedes mustang1 corvette ferrari1 porsche1 diamond1 dolphin1 elephant butterfly
chocolate chocolate1 cocacola cocacola1 hello123 hello1234 helloworld admin123 admin1234 admin12345
administrator administrador administrador1 adminadmin root1234 rootroot toor1234 test1234 testtest
testing123 test12345 guest1234 user1234 usuario1 usuario123 usuario1234 default1 master123 master1234
temporal temporal1 temporal123 temp1234 qwertyuiop qwertyui qwerty12 qwerty123 qwerty1234 qwerty12345
qwerty123456 qwertyqwerty qwertz123 azerty123 azertyuiop asdfghjkl asdfghjk asdfasdf asdf1234
asdfgh123 asdfqwer qweasdzxc qweasd123 zxcvbnm1 zxcvbnm123 zxcvbnmasd qazwsxedc qazwsx123 qazwsxed
qwer1234 qwert123 qwert1234 qwert12345 1qaz2wsx 1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4
q1w2e3r4t5 zaq12wsx zaq1zaq1 1qazxsw2 123qweasd 123qwe123 123qweasdzxc 12qwaszx 12345qwert 123456qwe
abcd1234 abc12345 abc123456 abcdefg1 abcabc123 a1b2c3d4 a1b2c3d4e5 aa123456 aa12345678 a1234567
a12345678 a123456789 123456ab 123456abc 12345678a 123456789a 1234567a 1234abcd 123abc123 123123123
1231231234 12341234 1234512345 123456123456 123321123 1234321234 123454321 12344321 11223344 1122334455
112233445566 11112222 12121212 13131313 21212121 10203040 1020304050 102030405060 100200300 147258369
159753456 159357258 147852369 741852963 963852741 789456123 456789123 321654987 987654321 9876543210
87654321 88888888 99999999 00000000 11111111 66666666 77777777 13579246 135792468 24681012 31415926
01012000 20002000 20012001 20102010 20202020 20212021 20222022 20232023 20242024 20252025 20262026
contrasena contrasena1 contrasena12 contrasena123 contrasena1234 contrasenia contrasenia1 contrasenha
contra123 contra1234 micontrasena nuevacontrasena miclave123 miclave1 clave123 clave1234 clave12345
claveclave claveacceso lamisma123 secreto1 secreto123 supersecreto acceso123 acceso1234 entrar123
hola1234 hola12345 holahola hola123456 holamundo buenosdias bienvenido bienvenido1 bienvenida
bienvenidos bienvenido123 teamo123 teamo1234 teamomucho teamomiamor teamoteamo tequiero tequiero1
tequiero123 tequieromucho miamor123 miamorcito amormio1 amorcito amorcito1 amoramor mivida123 micorazon
corazon1 corazon123 corazoncito princesa princesa1 princesa123 mariposa mariposa1 estrella estrella1
chiquita chiquito preciosa hermosa1 hermosa123 gatito123 perrito1 perrito123 angelito angelitos
angelica carolina carolina1 alejandra alejandra1 alejandro alejandro1 sebastian sebastian1 gabriela
gabriela1 fernanda fernando fernando1 cristian cristina francisco francisco1 guadalupe valentina
valentina1 isabella isabella1 veronica patricia patricia1 mauricio santiago santiago1 nicolas1 daniel123
daniela1 daniela123 andrea123 andres123 carlos123 carlos1234 maria123 maria1234 juan1234 juancarlos
juancarlos1 jose1234 josejose luis1234 miguel123 roberto1 ricardo1 eduardo1 mariajose marialuisa
jesucristo jesusteama jesus123 jesus1234 cristovive cristoteama diosesamor diosmeama diosesfiel
diosconmigo dios1234 graciasdios virgenmaria familia1 familia123 mifamilia misamores mishijos mihijo123
barcelona barcelona1 barcelona123 barcelonasc barcelonasporting emelec123 emelec1929 emelecemelec
ligadequito ligadequito1 ldu12345 realmadrid realmadrid1 futbol123 campeones campeon1 ecuador1 ecuador12
ecuador123 ecuador1234 ecuador2024 ecuador2025 ecuador2026 viva123ecuador quito123 quito1234 quito2024
quito2025 guayaquil guayaquil1 guayaquil123 guayaquil2025 cuenca123 cuenca1234 ambato123 manabi123
galapagos galapagos1 pichincha pichincha1 pichincha123 chimborazo cotopaxi guayas123 colombia colombia1
venezuela argentina argentina1 mexico123 americalatina enero2024 enero2025 enero2026 febrero2025
febrero2026 marzo2025 marzo2026 abril2025 abril2026 mayo2025 mayo2026 junio2025 junio2026 julio2025
agosto2025 septiembre septiembre2025 octubre2025 noviembre noviembre2025 diciembre diciembre2025
verano2025 invierno primavera navidad123 lunes123 viernes1 viernes123 domingo1 empresa1 empresa123
empresa1234 miempresa miempresa1 oficina1 oficina123 oficina1234 trabajo1 trabajo123 sistema1 sistema123
sistema1234 sistemas sistemas1 sistemas123 contable contable1 contable123 contabilidad contabilidad1
contabilidad123 contador contador1 contador123 contadora facturacion facturacion1 facturacion123
factura1 factura123 facturas gerencia gerencia1 gerencia123 gerente1 gerente123 ventas123 ventas1234
compras123 bodega123 almacen1 almacen123 secretaria secretaria1 soporte1 soporte123 soporte1234
soportetecnico tecnico1 tecnico123 servicio servicio1 servicios cliente1 cliente123 clientes ventanilla
ventanilla1 telegram telegram1 telegram123 whatsapp whatsapp1 facebook facebook1 facebook123 gmail123
google123 windows10 windows11 windows123 microsoft microsoft1 computadora computadora1 internet123
tributario sri12345 srienlinea rentas123 impuestos ats12345 saci1234 saci12345 sacijava sacijava1
sacijava123 sacianex sacianexats saci2024 saci2025 saci2026 sacisaci sacisoporte sacivisualbasic
javajava dinero123 billetes millonario suerte123 felicidad felicidad1 feliz123 libertad libertad1
seguridad seguridad1 seguridad123 seguro123 esperanza esperanza1 milagros milagros1 victoria victoria1
"""

COMMON_PASSWORDS: frozenset[str] = frozenset(_TABLE.split())
